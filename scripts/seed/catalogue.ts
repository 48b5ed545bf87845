/** A product category: its share of the catalogue, its price range in cents, what is sold and by whom. */
export interface Category {
  name: string;
  weight: number;
  minCents: number;
  maxCents: number;
  nouns: readonly string[];
  manufacturers: readonly string[];
}

/**
 * The categories of the shop. No price is above 1,199.00, so that even an order of 80,995 pieces fits the
 * numeric(10,2) of the order's total.
 */
export const CATEGORIES: readonly Category[] = [
  {
    name: 'Electronics',
    weight: 16,
    minCents: 1_999,
    maxCents: 119_900,
    nouns: ['Headphones', 'Monitor', 'Keyboard', 'Tablet', 'Speaker', 'Camera', 'Router', 'Laptop Stand'],
    manufacturers: ['Northwind Devices', 'Akari 電機', 'Voltaire Labs', 'Pixelworks'],
  },
  {
    name: 'Home & Garden',
    weight: 15,
    minCents: 899,
    maxCents: 39_900,
    nouns: ['Lamp', 'Garden Hose', 'Rug', 'Bookshelf', 'Planter', 'Duvet', 'Toolbox'],
    manufacturers: ['Müller & Söhne', 'Hearthside', 'Green Acre Co.'],
  },
  {
    name: 'Clothing',
    weight: 18,
    minCents: 999,
    maxCents: 17_900,
    nouns: ['T-Shirt', 'Jacket', 'Jeans', 'Sweater', 'Sneakers', 'Scarf', 'Dress'],
    manufacturers: ['Łódź Textile', 'Atelier Zoë', 'Bluebird Apparel'],
  },
  {
    name: 'Books',
    weight: 14,
    minCents: 499,
    maxCents: 4_999,
    nouns: ['Novel', 'Cookbook', 'Atlas', 'Biography', 'Poems', 'Field Guide'],
    manufacturers: ['Lantern Press', 'Éditions du Port', 'Harbor House'],
  },
  {
    name: 'Toys & Games',
    weight: 10,
    minCents: 699,
    maxCents: 8_999,
    nouns: ['Puzzle', 'Board Game', 'Building Blocks', 'Kite', 'Doll House', 'Card Game'],
    manufacturers: ['Tinkertop', 'Kłódka Games', 'Little Fox'],
  },
  {
    name: 'Beauty',
    weight: 9,
    minCents: 399,
    maxCents: 7_999,
    nouns: ['Face Cream', 'Shampoo', 'Perfume', 'Soap Bar', 'Lip Balm'],
    manufacturers: ['Crème & Co', 'Pure Meadow', 'Señora Rosa'],
  },
  {
    name: 'Grocery',
    weight: 9,
    minCents: 149,
    maxCents: 3_499,
    nouns: ['Coffee Beans', 'Olive Oil', 'Green Tea', 'Honey', 'Pasta', 'Dark Chocolate'],
    manufacturers: ['Café Lumière', 'Old Mill Foods', 'Valle Verde'],
  },
  {
    name: 'Sports & Outdoors',
    weight: 9,
    minCents: 799,
    maxCents: 49_900,
    nouns: ['Tent', 'Yoga Mat', 'Bike Helmet', 'Backpack', 'Dumbbell', 'Water Bottle'],
    manufacturers: ['Summit Gear', 'Fjällräv', 'Trailhead'],
  },
];

/** First words of product names. */
export const ADJECTIVES: readonly string[] = [
  'Classic',
  'Compact',
  'Deluxe',
  'Eco',
  'Everyday',
  'Modern',
  'Premium',
  'Travel',
  'Ultra',
  'Vintage',
];
