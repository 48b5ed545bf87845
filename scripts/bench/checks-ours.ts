import { readFileSync, writeFileSync } from 'node:fs';
import { runSuite } from '../../src/index.ts';
import { COLUMN_TYPES } from './checks-suites.ts';

// `checks-ours.ts SUITE DATA RESULT`: one suite over one table in a process of its own; the result as GX writes it.
const [suite, path, result] = process.argv.slice(2) as [string, string, string];
const columns = Object.entries(COLUMN_TYPES).map(([name, type]) => ({ name, type }));
const data = path.endsWith('.parquet') ? { files: [path] } : { files: [path], columns };
writeFileSync(
  result,
  JSON.stringify(await runSuite({ suite: JSON.parse(readFileSync(suite, 'utf8')), data })),
);
