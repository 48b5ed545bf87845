import { defineEntity } from '../../../src/core/definition.ts';

const email = 'lower(trim(email))';

/** Customers of the shop, one row an account. Two accounts may belong to one person and share an e-mail address. */
export const customers = defineEntity({
  name: 'customers',
  source: 'shop',
  table: 'public.customers',
  key: ['customer_id'],
  description: 'Accounts of the shop.',
  suite: 'suites/raw/customers.json',
  deletes: { mode: 'reconcile' },
  columns: {
    customer_id: { type: 'integer', nullable: false },
    first_name: { type: 'varchar(100)', pii: 'direct', clean: "nullif(trim(first_name), '')" },
    last_name: { type: 'varchar(100)', pii: 'direct', clean: "nullif(trim(last_name), '')" },
    email: {
      type: 'varchar(255)',
      pii: 'direct',
      // No address can be guessed from a malformed one, and a wrong one would join two people.
      clean: `case when ${email} rlike '^[^@ ]+@[^@ ]+[.][^@ .]+$' then ${email} end`,
      description: 'Lower case; NULL where the shop has none or a malformed one.',
    },
    date_of_birth: {
      type: 'date',
      pii: 'quasi',
      clean:
        "case when date_of_birth >= date '1900-01-01' and date_of_birth <= registration_date then date_of_birth end",
      description: 'NULL where it is unknown, before 1900 or after the registration.',
    },
    registration_date: { type: 'date', nullable: false },
    address: { type: 'varchar(255)', pii: 'direct', clean: "nullif(trim(address), '')" },
    city: { type: 'varchar(100)', pii: 'quasi', clean: "nullif(trim(city), '')" },
    state: { type: 'varchar(50)', clean: "nullif(trim(state), '')" },
    postal_code: { type: 'varchar(20)', pii: 'quasi', clean: "nullif(trim(postal_code), '')" },
    updated_at: { type: 'timestamptz', nullable: false },
  },
  derive: {
    customer_name: {
      type: 'varchar(255)',
      sql: "nullif(concat_ws(' ', first_name, last_name), '')",
      description: 'First and last name as far as they are known.',
    },
    is_email_valid: {
      type: 'boolean',
      sql: 'email is not null',
      description: 'False where the e-mail address is missing or malformed.',
    },
  },
});
