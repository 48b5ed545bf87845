import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { main } from '../../../scripts/tidemark/main.ts';

const root = mkdtempSync(join(tmpdir(), 'tidemark-validate-'));
const DEFINE = fileURLToPath(new URL('../../../src/core/definition.ts', import.meta.url));
let written = 0;

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder with these files; a pipeline of sales, with what is changed of it, unless it is among them. */
function folderOf(files: Readonly<Record<string, string>>, change: object = {}): string {
  const folder = join(root, String(written++));
  const sales = {
    name: 'shop',
    sources: { till: {} },
    entities: [
      {
        name: 'sales',
        source: 'till',
        table: 'public.sales',
        key: ['sale_id'],
        columns: { sale_id: { type: 'bigint' }, total: { type: 'numeric(12,2)' } },
        suite: 'suites/sales.json',
      },
    ],
    models: [{ name: 'sales_fact', sql: 'models/sales_fact.sql', suite: 'suites/sales_fact.json' }],
    ...change,
  };
  const all = {
    'package.json': '{"type": "module"}',
    'pipeline.ts': `import { definePipeline } from ${JSON.stringify(DEFINE)};\nexport default definePipeline(${JSON.stringify(sales)});\n`,
    'models/sales_fact.sql': MODEL,
    'suites/sales.json': suiteOf(['expect_column_values_to_be_unique', { column: 'sale_id' }]),
    'suites/sales_fact.json': suiteOf(['expect_column_values_to_be_unique', { column: 'sale_id' }]),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return folder;
}

const MODEL =
  '/*\ngrain: one sale\nkey: [sale_id]\ncolumns:\n  sale_id: { type: bigint }\n*/\nSELECT sale_id FROM sales\n';

function suiteOf(...expectations: [type: string, kwargs: object][]): string {
  return JSON.stringify({
    name: 's',
    expectations: expectations.map(([type, kwargs]) => ({ type, kwargs })),
  });
}

async function validate(...args: string[]) {
  const printed: string[] = [];
  const complained: string[] = [];
  const exitCode = await main(['validate', ...args], {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    env: {},
    exitCode: 0,
  });
  return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
}

describe('tidemark validate', () => {
  test('tells what is wrong with definition, models and suites in one round, each with its file', async () => {
    const folder = folderOf(
      {
        'models/sales_fact.sql': MODEL.replace('grain: one sale\n', ''),
        'suites/sales.json': suiteOf(
          ['expect_column_values_to_be_unique', { column: 'sale_ib', mostyl: 1 }],
          ['expect_column_values_to_be_between', { column: 'total', min_value: 'x' }],
        ),
        'suites/sales_fact.json': suiteOf(['expect_nothing', {}]),
      },
      { limits: { extracts: 0 }, retry: { firstDelaySeconds: 90 } },
    );
    const { exitCode, printed } = await validate(folder);
    expect(exitCode).toBe(1);
    expect(printed.split('\n').map((line) => line.replace(/: .*/, ''))).toEqual([
      folder,
      '  limits.extracts',
      '  retry.maxDelaySeconds',
      '  models/sales_fact.sql',
      '  suites/sales.json',
      '  suites/sales.json',
      '  suites/sales.json',
      '  suites/sales_fact.json',
    ]);
    expect(printed).toContain('suites/sales.json: $.expectations[0].kwargs.mostyl: unknown kwarg');
    expect(printed).toContain('$.expectations[0].kwargs.column: unknown column "sale_ib"; did you mean');
    expect(printed).toContain('$.expectations[1].kwargs: column "total" is NUMERIC(12,2): min_value "x"');
    expect(printed).toContain('models/sales_fact.sql: grain: is missing');
  });

  test.each<[string, () => string, string]>([
    ['a file that is not there', () => join(root, 'none.ts'), '(file): is not there; correct the path'],
    ['a folder without a definition', () => root, '(file): the folder has no pipeline.ts'],
    [
      'files of a definition that are not there',
      () => folderOf({}, { models: [{ name: 'sales_fact', sql: 'models' }] }),
      'models.sales_fact.sql: "models" is a folder; name a file in it; it is relative to',
    ],
    [
      'a module that its definition lacks',
      () => folderOf({ 'pipeline.ts': "import './none.ts';\nexport default {};\n" }),
      "(file): cannot be loaded: Cannot find module '",
    ],
  ])('says of %s what to do', async (_, path, message) => {
    const { exitCode, printed } = await validate(path());
    expect(exitCode).toBe(1);
    expect(printed).toContain(message);
    expect(printed).toContain(': 1 problem\n');
  });

  test('warns of a suite without expectations, which is valid', async () => {
    const folder = folderOf({ 'suites/sales.json': suiteOf() });
    const text = await validate(folder);
    expect(text.exitCode).toBe(0);
    expect(text.printed).toMatch(
      /\nwarning: \S+: suites\/sales\.json: has no expectations: nothing of sales is checked, and it passes$/,
    );
    const json = await validate(folder, '--json');
    expect(JSON.parse(json.printed)).toMatchObject([
      { pipeline: 'shop', problems: [], warnings: [expect.stringContaining('suites/sales.json')] },
    ]);
  });
});
