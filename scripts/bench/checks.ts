import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ValidationResult } from '../../src/index.ts';
import { CHECKOUT, sparkPaths, TIDEMARK_DIR } from '../setup/paths.mjs';
import { EXIT } from '../tidemark/output.ts';
import { makeChecksData } from './checks-data.ts';
import { COLUMN_TYPES, HUNDRED, ONE, READ_COLUMNS, TWELVE } from './checks-suites.ts';
import { measureProcess, type ProcessUsage } from './measure-process.ts';

// `npm run bench -- checks [--peers]`: the command `check` with 12 expectations over 1.5 M orders, beside a bare reading of the
// columns; 100 expectations against 1. Whole processes, medians of `--runs`.
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1500000' },
    runs: { type: 'string', default: '3' },
    peers: { type: 'boolean', default: false },
  },
});
const GX = 'great_expectations==1.24.1';
const scratch = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
const data = await makeChecksData(Number(values.rows));
const suites = Object.fromEntries(
  [ONE, TWELVE, HUNDRED].map((suite) => {
    const path = join(scratch, `${suite.name}.json`);
    writeFileSync(path, JSON.stringify(suite));
    return [suite.name, path];
  }),
);
const gx = values.peers ? installGx() : null;

type SideName = 'tidemark' | 'gx' | 'floor';

/** Runs one side on one table and tells what it took and, unless it only reads, what it found. */
async function measure(
  side: SideName,
  suite: string,
  path: string,
): Promise<{ usage: ProcessUsage; found: ValidationResult | null }> {
  const suitePath = suites[suite]!;
  if (side === 'floor') {
    const command = [process.execPath, join(CHECKOUT, 'scripts/bench/checks-floor.mjs'), path];
    return { usage: await measureProcess([...command, ...READ_COLUMNS], {}, scratch), found: null };
  }
  if (side === 'tidemark') {
    const types = path.endsWith('.parquet') ? [] : ['--types', ...COLUMN_TYPES];
    const check = [process.execPath, join(CHECKOUT, 'scripts/tidemark.mjs'), 'check', '--json'];
    // Every suite has expectations that fail.
    const usage = await measureProcess(
      [...check, '--suite', suitePath, '--data', path, ...types],
      {},
      scratch,
      EXIT.failed,
    );
    return { usage, found: JSON.parse(usage.output) as ValidationResult };
  }
  const result = join(scratch, 'result.json');
  const script = [sparkPaths().python, join(CHECKOUT, 'scripts/bench/peers/gx_checks.py')];
  const env = { PYTHONPATH: gx ?? undefined, GX_ANALYTICS_ENABLED: 'false' };
  const usage = await measureProcess([...script, suitePath, path, result], env, scratch);
  return { usage, found: JSON.parse(readFileSync(result, 'utf8')) as ValidationResult };
}

type Side = readonly [label: string, side: SideName, suite: string, path: string];
const kinds = { 'CSV.gz, one part': data.csv, 'CSV.gz, four parts': data.parts, Parquet: data.parquet };
const sides: Side[] = Object.entries(kinds).flatMap(([kind, path]): Side[] => [
  [`12 on ${kind}`, 'floor', 'twelve', path],
  [`12 on ${kind}`, 'tidemark', 'twelve', path],
  ...(gx ? [[`12 on ${kind}`, 'gx', 'twelve', path] as const] : []),
]);
for (const kind of ['CSV.gz, one part', 'Parquet'] as const) {
  sides.push(
    [`1 on ${kind}`, 'tidemark', 'one', kinds[kind]],
    [`100 on ${kind}`, 'tidemark', 'hundred', kinds[kind]],
  );
}
const taken = new Map<string, ProcessUsage[]>();
const counts = new Map<string, string>();
try {
  // Round by round, so that noise of the machine meets all sides alike.
  for (let run = 0; run < Number(values.runs); run++) {
    for (const [label, side, suite, path] of sides) {
      const { usage, found } = await measure(side, suite, path);
      taken.set(`${label}|${side}`, [...(taken.get(`${label}|${side}`) ?? []), usage]);
      if (suite === 'twelve' && found) counts.set(`${label}|${side}`, findings(found));
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
report();
process.exit(0);

/** Verdicts and numbers of unexpected rows, by which both sides are compared; Great Expectations changes the order. */
function findings({ results }: ValidationResult): string {
  return results
    .map((each) =>
      [
        each.expectation_config.type,
        each.expectation_config.kwargs.column,
        each.success,
        each.result.unexpected_count,
      ].join(' '),
    )
    .sort()
    .join('; ');
}

function report(): void {
  const median = (key: string, figure: (usage: ProcessUsage) => number) => {
    const sorted = (taken.get(key) ?? []).map(figure).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  console.log(`${values.rows} orders, medians of ${values.runs}, whole processes\n`);
  console.log(
    `${'expectations'.padEnd(26)}${'side'.padEnd(12)}${'wall s'.padStart(8)}${'CPU s'.padStart(8)}${'peak MB'.padStart(9)}`,
  );
  for (const [label, side] of sides) {
    const key = `${label}|${side}`;
    const wall = median(key, (usage) => usage.wallSeconds).toFixed(2);
    const cpu = median(key, (usage) => usage.cpuSeconds).toFixed(2);
    const peak = (median(key, (usage) => usage.peakBytes) / 1e6).toFixed(0);
    console.log(
      `${label.padEnd(26)}${side.padEnd(12)}${wall.padStart(8)}${cpu.padStart(8)}${peak.padStart(9)}`,
    );
  }
  const ratio = (over: string, under: string, figure: (usage: ProcessUsage) => number) =>
    (median(over, figure) / median(under, figure)).toFixed(1);
  const wall = (usage: ProcessUsage) => usage.wallSeconds;
  const cpu = (usage: ProcessUsage) => usage.cpuSeconds;
  console.log('');
  for (const kind of ['CSV.gz, one part', 'Parquet']) {
    console.log(
      `100 against 1 on ${kind}: ${ratio(`100 on ${kind}|tidemark`, `1 on ${kind}|tidemark`, wall)} times the time, ${ratio(`100 on ${kind}|tidemark`, `1 on ${kind}|tidemark`, cpu)} times the CPU`,
    );
  }
  for (const kind of Object.keys(kinds)) {
    const [floor, own] = [`12 on ${kind}|floor`, `12 on ${kind}|tidemark`];
    console.log(
      `tidemark against a bare reading of ${kind}: ${ratio(own, floor, wall)} times the time, ${ratio(own, floor, cpu)} times the CPU`,
    );
  }
  if (!gx) return;
  for (const kind of Object.keys(kinds)) {
    const [theirs, own] = [`12 on ${kind}|gx`, `12 on ${kind}|tidemark`];
    const isSame = counts.get(theirs) === counts.get(own);
    console.log(
      `GX against tidemark on ${kind}: ${ratio(theirs, own, wall)} times the time, ${ratio(theirs, own, cpu)} times the CPU; ${isSame ? 'the same verdicts and counts' : `OTHER FINDINGS: ${counts.get(theirs)} and ${counts.get(own)}`}`,
    );
  }
}

/** Installs Great Expectations from PyPI, once; the folder to import it from. */
function installGx(): string {
  const dir = join(TIDEMARK_DIR, 'bench', `gx-${GX.split('==')[1]}`);
  if (!existsSync(dir)) {
    const partial = `${dir}.partial`;
    rmSync(partial, { recursive: true, force: true });
    const quiet = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore'];
    execFileSync(
      sparkPaths().python,
      ['-m', 'pip', 'install', ...quiet, '--target', partial, GX, 'pandas', 'pyarrow'],
      { stdio: 'inherit' },
    );
    renameSync(partial, dir);
  }
  return dir;
}
