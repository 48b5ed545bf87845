import { CITIES } from './cities.ts';
import { countDirt, type DirtMark, type DirtPlan, type DirtRate, planDirt } from './dirt.ts';
import { DAY_US, formatInstant, toDate } from './formats.ts';
import { HOSTILE_CUSTOMER_TEXTS } from './hostile-text.ts';
import { FIRST_NAMES, LAST_NAMES, MAIL_DOMAINS, STREETS } from './people.ts';
import { createRandom, type Random } from './random.ts';
import type { CustomerRow } from './rows.ts';
import type { Shop } from './shop.ts';
import { createWeightedDraw } from './weighted.ts';

/** What is wrong with a customer row. */
export type CustomerDirt =
  | 'nullCity'
  | 'emptyCity'
  | 'blankCity'
  | 'malformedEmail'
  | 'upperCaseEmail'
  | 'paddedEmail'
  | 'duplicateCustomer'
  | 'hostileText'
  | 'nullText'
  | 'emptyText'
  | 'futureBirthDate';

const RATES: Readonly<Record<CustomerDirt, DirtRate>> = {
  nullCity: { rate: 0.01, atLeast: 3 },
  emptyCity: { rate: 0.005, atLeast: 3 },
  blankCity: { rate: 0.004, atLeast: 3 },
  malformedEmail: { rate: 0.006, atLeast: 4 },
  upperCaseEmail: { rate: 0.01, atLeast: 3 },
  paddedEmail: { rate: 0.006, atLeast: 3 },
  duplicateCustomer: { rate: 0.01, atLeast: 3 },
  hostileText: { rate: 0.005, atLeast: HOSTILE_CUSTOMER_TEXTS.length },
  nullText: { rate: 0.004, atLeast: 3 },
  emptyText: { rate: 0.004, atLeast: 3 },
  futureBirthDate: { rate: 0, atLeast: 2 },
};

const MALFORMATIONS: readonly ((email: string) => string)[] = [
  (email) => email.replace('@', ''),
  (email) => email.replace('@', '@@'),
  (email) => email.replace(/@.*/, '@'),
  (email) => email.replace('@', ' at '),
];
const OPTIONAL_TEXTS = ['address', 'postal_code', 'last_name'] as const;
const drawCityIndex = createWeightedDraw(CITIES.map((city) => city.weight));

/** How many customer rows of the history have each kind of dirt. */
export function countCustomerDirt(shop: Shop): Record<CustomerDirt, number> {
  return countDirt(shop.customerCount, RATES);
}

/** Yields the rows of `customers` after the history, by rising id, which is also the order of registration. */
export function* customerRows(shop: Shop): Generator<CustomerRow> {
  const plan = planDirt(shop.config.seed, 'customers', shop.customerCount, countCustomerDirt(shop));
  for (let customerId = 1; customerId <= shop.customerCount; customerId++) {
    const mark = plan.markOf(customerId - 1);
    const registrationDay = shop.registrationDayOf(customerId);
    const row = customerRow(shop, customerId, registrationDay, shop.endDay);
    yield mark ? soil(shop, plan, row, mark) : row;
  }
}

/** A clean customer row as it stands when day `knownUntilDay` begins; also used for customers who join later. */
export function customerRow(
  shop: Shop,
  customerId: number,
  registrationDay: number,
  knownUntilDay: number,
): CustomerRow {
  const random = createRandom(shop.config.seed, 'customer', customerId);
  const registeredUs = registrationDay * DAY_US + random.below(DAY_US);
  // A quarter have changed something about their account since.
  const changedUs = random.chance(0.25)
    ? registeredUs + random.below(knownUntilDay * DAY_US - registeredUs)
    : registeredUs;
  return {
    customer_id: customerId,
    ...personOf(shop, customerId),
    registration_date: toDate(registrationDay),
    ...drawHome(random),
    updated_at: formatInstant(changedUs),
  };
}

/** Draws a postal address; big cities are drawn more often. */
export function drawHome(random: Random): Pick<CustomerRow, 'address' | 'city' | 'state' | 'postal_code'> {
  const city = CITIES[drawCityIndex(random)]!;
  return {
    address: `${random.between(1, 9_999)} ${random.pick(STREETS)}`,
    city: city.city,
    state: city.state,
    postal_code: random.pick(city.postalCodes),
  };
}

/** The person behind a customer id; the id in the e-mail address keeps addresses unique. */
function personOf(
  shop: Shop,
  customerId: number,
): Pick<CustomerRow, 'first_name' | 'last_name' | 'email' | 'date_of_birth'> {
  const random = createRandom(shop.config.seed, 'person', customerId);
  const first = random.pick(FIRST_NAMES);
  const last = random.pick(LAST_NAMES);
  const ageDays = random.between(19 * 365, 85 * 365);
  return {
    first_name: first.shown,
    last_name: last.shown,
    email: `${first.slug}.${last.slug}${customerId}@${random.pick(MAIL_DOMAINS)}`,
    date_of_birth: random.chance(0.03) ? null : toDate(shop.fromDay - ageDays),
  };
}

function soil(
  shop: Shop,
  plan: DirtPlan<CustomerDirt>,
  row: CustomerRow,
  { kind, ordinal }: DirtMark<CustomerDirt>,
): CustomerRow {
  const email = row.email ?? '';
  switch (kind) {
    case 'nullCity':
      return { ...row, city: null };
    case 'emptyCity':
      return { ...row, city: '' };
    case 'blankCity':
      return { ...row, city: '  ' };
    case 'malformedEmail':
      return { ...row, email: MALFORMATIONS[ordinal % MALFORMATIONS.length]!(email) };
    case 'upperCaseEmail':
      return { ...row, email: email.toUpperCase() };
    case 'paddedEmail':
      return { ...row, email: ordinal % 2 === 0 ? `  ${email}` : ` ${email} ` };
    case 'duplicateCustomer':
      return { ...row, ...personOf(shop, findOriginal(shop, plan, row.customer_id)) };
    case 'hostileText': {
      const hostile = HOSTILE_CUSTOMER_TEXTS[ordinal % HOSTILE_CUSTOMER_TEXTS.length]!;
      return { ...row, [hostile.column]: hostile.text };
    }
    case 'nullText':
      return { ...row, [OPTIONAL_TEXTS[ordinal % OPTIONAL_TEXTS.length]!]: null };
    case 'emptyText':
      return { ...row, [OPTIONAL_TEXTS[ordinal % OPTIONAL_TEXTS.length]!]: '' };
    case 'futureBirthDate':
      return { ...row, date_of_birth: toDate(shop.endDay + 365 * (2 + ordinal)) };
  }
}

/** The customer whose person a duplicate repeats: a clean row, so that two dirty rows never hide each other. */
function findOriginal(shop: Shop, plan: DirtPlan<CustomerDirt>, duplicateId: number): number {
  let index = createRandom(shop.config.seed, 'duplicate of', duplicateId).below(shop.customerCount);
  while (plan.markOf(index) || index === duplicateId - 1) index = (index + 1) % shop.customerCount;
  return index + 1;
}
