import { activityInfo } from '@temporalio/activity';
import type { Layout } from '../src/core/layout.ts';
import { sparkConf } from '../src/core/spark-plan.ts';
import type { ValidationResult } from '../src/expectations/types.ts';
import type { CheckBatch } from '../src/ports/checks.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf } from './manifests.ts';
import type { SuiteRun, SuiteStage } from './run-suites.ts';
import { runSparkStep } from './spark-step.ts';

/** Rough width of a row, for the number of shuffle partitions. */
const ROW_BYTES = 100;

/**
 * Checks the batches of more than `sparkAboveRows` rows in Spark, all together, by one EMR step a round; results by subject. Most
 * suites take one step, failed ones another for the evidence. A step's name carries a digest of its queries, so that one of
 * an earlier try is adopted only where it asked the same.
 */
export async function checkInSpark(
  deps: ActivityDeps,
  layout: Layout,
  stage: SuiteStage,
  runs: readonly SuiteRun[],
  tables: Readonly<Record<string, CheckBatch>>,
): Promise<ReadonlyMap<string, ValidationResult>> {
  const large = runs.filter(({ rowCount }) => rowCount > stage.sparkAboveRows);
  if (large.length === 0) return new Map();
  const now = new Date(activityInfo().scheduledTimestampMs).toISOString();
  const rows = large.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const checks = large.map(({ subject, suite, batch, key, maskedColumns, rowCountHistory }) => ({
    name: subject,
    suite,
    batch,
    options: { tables, indexColumns: key, maskedColumns, rowCountHistory, now },
  }));
  const results = await deps.checks.checkInSpark(checks, async (job, round) => {
    const build = stage.generation.slice(stage.runKey.length + 1);
    const step = `check-${stage.stage}-${build}-r${round}-${digestOf(JSON.stringify(job)).slice(0, 8)}`;
    const { queries } = await runSparkStep(deps, layout, {
      pipeline: stage.pipeline,
      runKey: stage.runKey,
      step,
      makePlan: (resultUri) => ({
        version: 1,
        step,
        runKey: stage.runKey,
        conf: sparkConf(rows * ROW_BYTES),
        inputs: job.inputs,
        statements: job.statements,
        outputs: [],
        metrics: [],
        queries: job.queries.map((sql, index) => ({ name: String(index), sql })),
        resultUri,
      }),
    });
    return job.queries.map((_, index) => queries?.[String(index)] ?? {});
  });
  return new Map(large.map(({ subject }, index) => [subject, results[index]!]));
}
