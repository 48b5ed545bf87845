import { describeResult } from '../src/core/describe-result.ts';
import { TidemarkError } from '../src/core/errors.ts';
import type { Layout } from '../src/core/layout.ts';
import type { DecisionRecord } from '../src/core/publication.ts';
import { type Finding, type GateAction, sortFindings, type Verdict } from '../src/core/verdict.ts';
import { applyWaivers, nextWaivers } from '../src/core/waiver.ts';
import type { ValidationResult } from '../src/expectations/types.ts';
import type { CheckBatch } from '../src/ports/checks.ts';
import { checkInSpark } from './check-in-spark.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf, readPublication } from './manifests.ts';

/** One batch with the suite that it has to meet. */
export interface SuiteRun {
  readonly subject: string;
  readonly suite: unknown;
  readonly batch: CheckBatch;
  readonly key: readonly string[];
  readonly maskedColumns: readonly string[];
  /** Rows of comparable batches of earlier runs, oldest first. */
  readonly rowCountHistory: readonly number[];
  /** Rows of the batch, by which it is checked in this process or in Spark. */
  readonly rowCount: number;
}

export interface SuiteStage {
  readonly pipeline: string;
  /** Batches of more rows are checked in Spark. */
  readonly sparkAboveRows: number;
  readonly runKey: string;
  readonly stage: 'raw' | 'audit';
  readonly generation: string;
  readonly allowed: readonly GateAction[];
  /** What was decided in this run so far: what it waives holds already. */
  readonly decisions?: readonly DecisionRecord[];
}

/**
 * Runs the suites of a stage, keeps the results on S3 and sums them up as a verdict; findings beside suites join it.
 * What the newest publication waives is told apart, so that a waiver that was revoked meanwhile no longer holds.
 */
export async function runSuites(
  deps: ActivityDeps,
  layout: Layout,
  stage: SuiteStage,
  runs: readonly SuiteRun[],
  tables: Readonly<Record<string, CheckBatch>>,
  signal: AbortSignal,
  beside: readonly Finding[] = [],
): Promise<Verdict> {
  const findings: Finding[] = [...beside];
  const results: Record<string, ValidationResult> = {};
  const inSpark = await checkInSpark(deps, layout, stage, runs, tables);
  for (const { subject, suite, batch, key, maskedColumns, rowCountHistory, rowCount } of runs) {
    const own = { tables, indexColumns: key, maskedColumns, rowCountHistory, signal };
    const result = inSpark.get(subject) ?? (await deps.checks.check(suite, batch, own));
    refuseLostRows(subject, result, rowCount);
    results[subject] = result;
    findings.push(
      ...result.results
        .filter((each) => !each.success)
        .map((each) => describeResult(subject, each, key, maskedColumns)),
    );
  }
  const at = new Date().toISOString();
  const published = (await readPublication(deps.store, layout))?.publication.waivers ?? [];
  const waivers = nextWaivers(published, stage.runKey, stage.decisions ?? [], at);
  const { findings: counting, waived } = applyWaivers(findings, waivers, at);
  const text = JSON.stringify(
    {
      ...stage,
      waived,
      batches: runs.map(({ subject, batch }) => ({ subject, files: batch.files })),
      results,
    },
    null,
    1,
  );
  const evidenceUri = layout.checkResult(stage.runKey, stage.stage, stage.generation);
  await deps.store.write(evidenceUri, text, 'application/json');
  return {
    evidenceUri,
    evidenceDigest: digestOf(text),
    findings: sortFindings(counting).slice(0, 20),
    findingCount: counting.length,
    waived: waived.slice(0, 20),
    checkCount: Object.values(results).reduce((sum, each) => sum + each.statistics.evaluated_expectations, 0),
    allowed: stage.allowed,
  };
}

/** Throws where an engine read another number of rows than were written: no check has judged the rows that it did not see. */
function refuseLostRows(subject: string, { results }: ValidationResult, written: number): void {
  const ofAllRows = results.find(
    ({ result, expectation_config: { kwargs } }) =>
      result.element_count !== undefined && (kwargs.row_condition ?? null) === null,
  );
  const read = ofAllRows?.result.element_count;
  if (read === undefined || read === written) return;
  throw new TidemarkError(
    'FILE_MISMATCH',
    `${subject}: the checks read ${read} rows of files that hold ${written}; a CSV row of more than 8 MB cannot be read`,
  );
}
