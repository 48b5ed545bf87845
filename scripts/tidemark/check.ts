import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { describeReadError } from '../../src/describe-read-error.ts';
import type { ResultFormat, RunSuiteRequest, TableData, ValidationResult } from '../../src/index.ts';
import { CommandError, EXIT, type Output } from './output.ts';
import { stoppable } from './stoppable.ts';
import { renderValidation } from './validation-text.ts';

const RESULT_FORMATS: readonly ResultFormat[] = ['BOOLEAN_ONLY', 'BASIC', 'SUMMARY', 'COMPLETE'];

interface CheckOptions {
  readonly suite: string;
  readonly data: readonly string[];
  readonly format?: 'csv' | 'parquet';
  readonly types?: Readonly<Record<string, string>>;
  readonly table?: Readonly<Record<string, string>>;
  readonly index?: readonly string[];
  readonly mask?: readonly string[];
  readonly parameters?: Record<string, unknown>;
  readonly resultFormat: ResultFormat;
  readonly json?: boolean;
}

export function addCheck(program: Command, out: Output): void {
  program
    .command('check')
    .summary('run a suite of expectations on CSV or Parquet files')
    .requiredOption('--suite <file>', "a suite in Great Expectations' JSON form")
    .requiredOption('--data <path...>', 'files, folders or patterns, local or s3://; together one table')
    .addOption(new Option('--format <format>', 'default: as the names say').choices(['csv', 'parquet']))
    .option(
      '--types <column=type...>',
      'SQL types of CSV columns; others are guessed from the first rows, text where they have no value',
      collectPairs,
    )
    .option('--table <name=path...>', 'other tables that the suite names', collectPairs)
    .option('--index <column...>', 'columns that identify a row in the evidence')
    .option('--mask <column...>', 'columns whose values are shown as ***, in every table that has them')
    .option('--parameters <json>', 'values of suite parameters, an object', parseParameters)
    .addOption(
      new Option('--result-format <format>', 'how much evidence').choices(RESULT_FORMATS).default('SUMMARY'),
    )
    .option('--json', 'print one Great Expectations validation result, and nothing else')
    .addHelpText(
      'after',
      `
Examples:
  npx tidemark check --suite orders.json --data orders.csv
  npx tidemark check --suite orders.json --data 's3://lake/orders/*.csv.gz' --types order_id=bigint 'total=numeric(12,2)' --json
  npx tidemark check --suite orders.json --data orders/ --table customers=customers.parquet --index order_id

s3:// needs AWS's usual settings (AWS_REGION, keys or a role; AWS_ENDPOINT_URL_S3 for another store).

Exit: 0 passed, 1 failed, 2 could not run, 130 or 143 stopped by Ctrl-C or SIGTERM`,
    )
    .action(async (options: CheckOptions) => {
      const result = await run(options, out.env);
      if (result.results.length === 0)
        out.complain(
          `warning: the suite ${options.suite} has no expectations: nothing is checked, and it passes`,
        );
      out.print(options.json ? JSON.stringify(result, null, 2) : renderValidation(result));
      if (!result.success) out.exitCode = EXIT.failed;
    });
}

async function run(options: CheckOptions, env: NodeJS.ProcessEnv): Promise<ValidationResult> {
  const suite = await readSuite(options.suite);
  const { runSuite } = await import('../../src/index.ts');
  const tables = Object.entries(options.table ?? {}).map(
    ([name, path]) => [name, { files: [path] }] as const,
  );
  const data = {
    files: options.data,
    ...given('format', options.format),
    ...given('types', options.types),
    ...given('masked', options.mask),
    tables: Object.fromEntries(tables) as Record<string, TableData>,
  };
  const request: RunSuiteRequest = {
    suite,
    data,
    resultFormat: options.resultFormat,
    ...given('parameters', options.parameters),
    ...given('indexColumns', options.index),
    ...(await accessOf([...options.data, ...Object.values(options.table ?? {})], env)),
  };
  const result = await couldNotRun(
    () => stoppable((signal) => runSuite({ ...request, signal })),
    options.suite,
  );
  refuseUnknownIndex(options.index ?? [], result);
  return result;
}

/** An index column that is not there would be left out of the evidence unseen. */
function refuseUnknownIndex(index: readonly string[], { results }: ValidationResult): void {
  const shown = results.find(({ result }) => (result.partial_unexpected_index_list ?? []).length > 0);
  const unknown = index.find((name) => !shown?.result.unexpected_index_column_names?.includes(name));
  if (shown === undefined || unknown === undefined) return;
  throw new CommandError(`the column "${unknown}" of --index does not exist`, EXIT.usage);
}

/** What reads of `s3://` paths need; nothing for local ones. */
export async function accessOf(
  paths: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Pick<RunSuiteRequest, 's3' | 'httpfsPath'>> {
  if (!paths.some((path) => path.startsWith('s3://'))) return {};
  const { findS3Access } = await import('../../src/index.ts');
  const s3 = await findS3Access(env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined);
  return { s3, ...given('httpfsPath', env.TIDEMARK_DUCKDB_HTTPFS || undefined) };
}

/** Ends with exit code 2 and the reason where something could not be run at all; problems of a suite name its file. */
export async function couldNotRun<T>(work: () => Promise<T>, suite = ''): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const isSuite = error instanceof Error && error.name === 'SuiteError';
    throw new CommandError(
      isSuite ? message.replace(/^the suite/, `the suite ${suite}`) : message,
      EXIT.usage,
    );
  }
}

async function readSuite(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(`the suite ${path} ${describeReadError(error)}`, EXIT.usage);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`the suite ${path} is not JSON: ${(error as Error).message}`, EXIT.usage);
  }
}

/** A property that is left out when it has no value. */
function given<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]?: V });
}

/** Reads `name=value` of an option that may be repeated. */
export function collectPairs(
  pair: string,
  earlier: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError(`"${pair}" is not name=value`);
  return { ...earlier, [name]: value };
}

function parseParameters(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidArgumentError('is not a JSON object such as {"least": 100}');
  return value as Record<string, unknown>;
}
