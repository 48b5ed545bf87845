import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectationTable } from '../../../src/expectations/catalogue.ts';

const path = new URL('../../../docs/expectations.md', import.meta.url);
const section = /(<!-- generated: expectations -->\n)[\s\S]*?(<!-- end -->)/;

test('the table of expectations in the docs is the one of the code (UPDATE_DOCS=1 rewrites it)', () => {
  const text = readFileSync(path, 'utf8');
  const wanted = text.replace(
    section,
    (_, begin: string, end: string) => `${begin}${expectationTable()}\n${end}`,
  );
  if (process.env.UPDATE_DOCS === '1') writeFileSync(path, wanted);
  else expect(text).toBe(wanted);
});
