import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import type { ExpectationConfig, Suite } from '../../src/index.ts';
import { accessOf, collectPairs, couldNotRun } from './check.ts';
import { CommandError, EXIT, type Output } from './output.ts';
import { stoppable } from './stoppable.ts';

interface SuggestOptions {
  readonly data: readonly string[];
  readonly format?: 'csv' | 'parquet';
  readonly types?: Readonly<Record<string, string>>;
  readonly mask?: readonly string[];
  readonly name?: string;
  readonly output?: string;
  readonly json?: boolean;
}

export function addSuite(program: Command, out: Output): void {
  const suite = program.command('suite').summary('write suites of expectations');
  suite
    .command('suggest')
    .summary('profile data and suggest a suite that it passes')
    .requiredOption('--data <path...>', 'files, folders or patterns, local or s3://; together one table')
    .addOption(new Option('--format <format>', 'default: as the names say').choices(['csv', 'parquet']))
    .option(
      '--types <column=type...>',
      'SQL types of CSV columns; others are guessed from the first rows, text where they have no value',
      collectPairs,
    )
    .option('--mask <column...>', 'columns whose values stay out of the suite')
    .option('--name <name>', "the suite's name; default: the first file's")
    .option('-o, --output <file>', 'write the suite to a new file')
    .option('--json', 'print the suite as JSON, and nothing else')
    .addHelpText(
      'after',
      `
Examples:
  npx tidemark suite suggest --data orders.csv
  npx tidemark suite suggest --data 's3://lake/orders/*.csv.gz' --mask email -o suites/orders.json
  npx tidemark check --suite suites/orders.json --data orders.csv

Exit: 0 suggested, 2 could not run, 130 or 143 stopped by Ctrl-C or SIGTERM`,
    )
    .action(async (options: SuggestOptions) => {
      const { suggestSuite } = await import('../../src/index.ts');
      const access = await accessOf(options.data, out.env);
      const { format, types, mask } = options;
      const data = {
        files: options.data,
        ...(format ? { format } : {}),
        ...(types ? { types } : {}),
        ...(mask ? { masked: mask } : {}),
      };
      const name = options.name ?? nameOf(options.data[0]!);
      const found = await couldNotRun(() =>
        stoppable((signal) => suggestSuite({ data, name, ...access, signal })),
      );
      const text = JSON.stringify(found, null, 2);
      if (options.output !== undefined) await writeNew(options.output, `${text}\n`);
      out.print(options.json ? text : renderSuggested(found, options.output));
    });
}

function nameOf(path: string): string {
  return (
    basename(path.replace(/\/+$/, ''))
      .replace(/\..*$/, '')
      .replace(/[*?[\]]/g, '') || 'suggested'
  );
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new CommandError(
      isThere
        ? `${path} is there already; name another file or remove it`
        : `${path} cannot be written: ${(error as Error).message}`,
      EXIT.usage,
    );
  }
}

/** A suggested suite for a person: each expectation with its reason, and why others are left out. */
function renderSuggested(suite: Suite, path: string | undefined): string {
  const lines = suite.expectations.flatMap((each) => [
    `${(each.severity ?? 'critical').padEnd(8)} ${each.type} ${describeKwargs(each)}`,
    `         ${reasonOf(each)}`,
  ]);
  const next = path === undefined ? 'write it to a file with -o FILE' : `written to ${path}`;
  const [, ...omitted] = notesOf(suite);
  return [
    `${suite.name}: ${suite.expectations.length} expectations, all met; ${next}`,
    '',
    ...lines,
    ...(omitted.length > 0 ? ['', 'left out:', ...omitted.map((each) => `  ${each}`)] : []),
  ].join('\n');
}

function describeKwargs({ kwargs }: ExpectationConfig): string {
  const text = Object.entries(kwargs)
    .map(([name, value]) => (name === 'column' ? String(value) : `${name} ${JSON.stringify(value)}`))
    .join(', ');
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}

function reasonOf(each: ExpectationConfig): string {
  return notesOf(each).join(' ');
}

function notesOf({ meta }: Pick<Suite, 'meta'>): readonly string[] {
  const notes = meta?.notes as { content?: readonly string[] } | undefined;
  return notes?.content ?? [];
}
