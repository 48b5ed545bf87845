import { DuckDBInstance } from '@duckdb/node-api';

// `checks-floor.mjs DATA COLUMN...`: what DuckDB takes to read the columns, and to look at none of their values.
const [path, ...columns] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '400MB' });
const connection = await instance.connect();
const relation = path.endsWith('.parquet')
  ? `read_parquet('${path}')`
  : `read_csv('${path}', header = true, delim = ',', all_varchar = true)`;
const counts = columns.map((column) => `count(${column})`).join(', ');
const reader = await connection.runAndReadAll(`select ${counts} from ${relation}`);
process.stdout.write(`${reader.getRows()[0].join(' ')}\n`);
