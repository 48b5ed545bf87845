/** A text that breaks careless CSV, SQL or string code, and the customer column that it lands in. */
export interface HostileText {
  column: 'first_name' | 'last_name' | 'address';
  text: string;
}

/** Every hostile customer text; the dirty rows take them in turn, so each occurs at least once. */
export const HOSTILE_CUSTOMER_TEXTS: readonly HostileText[] = [
  { column: 'address', text: '12 "The Mews", Flat 3' },
  { column: 'last_name', text: 'Smith, Jr.' },
  { column: 'address', text: '1 Main St\nApt 4' },
  { column: 'address', text: '77 Elm St\r\nRear entrance' },
  { column: 'address', text: '5 Rainbow Rd 🏡 👩‍👩‍👧' },
  { column: 'address', text: 'C:\\shop\\new\\table' },
  { column: 'last_name', text: 'NULL' },
  { column: 'address', text: '9 Line\u2028Separator Way' },
  { column: 'address', text: '\\N' },
  { column: 'first_name', text: '"' },
  { column: 'last_name', text: "O'Neil'); DROP TABLE orders;--" },
  { column: 'address', text: '  8 Padded Lane  ' },
  { column: 'address', text: '3 Tab\tCourt' },
  { column: 'address', text: '4 Old Mac\rRoad' },
  { column: 'last_name', text: '=HYPERLINK("x")' },
  // "José" with a combining accent: equal to the eye, not in bytes, to the composed form that other rows have.
  { column: 'first_name', text: 'Jose\u0301' },
];

/** Endings that hostile product names get, in turn. */
export const HOSTILE_PRODUCT_SUFFIXES: readonly string[] = [
  ' 27" "Pro", black',
  ' – "limited"\nedition',
  ' ☕️ \\o/ 100%',
];
