import { describeResult } from '../src/core/describe-result.ts';
import type { Layout } from '../src/core/layout.ts';
import { type Finding, type GateAction, sortFindings, type Verdict } from '../src/core/verdict.ts';
import type { ValidationResult } from '../src/expectations/types.ts';
import type { CheckBatch } from '../src/ports/checks.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf } from './manifests.ts';

/** One batch with the suite that it has to meet. */
export interface SuiteRun {
  readonly subject: string;
  readonly suite: unknown;
  readonly batch: CheckBatch;
  readonly key: readonly string[];
  readonly maskedColumns: readonly string[];
}

export interface SuiteStage {
  readonly runKey: string;
  readonly stage: 'raw' | 'audit';
  readonly generation: string;
  readonly allowed: readonly GateAction[];
}

/** Runs the suites of a stage, keeps the results on S3 and sums them up as a verdict; findings beside suites join it. */
export async function runSuites(
  deps: ActivityDeps,
  layout: Layout,
  stage: SuiteStage,
  runs: readonly SuiteRun[],
  tables: Readonly<Record<string, CheckBatch>>,
  signal: AbortSignal,
): Promise<Verdict> {
  const findings: Finding[] = [];
  const results: Record<string, ValidationResult> = {};
  for (const { subject, suite, batch, key, maskedColumns } of runs) {
    const result = await deps.checks.check(suite, batch, {
      tables,
      indexColumns: key,
      maskedColumns,
      signal,
    });
    results[subject] = result;
    findings.push(
      ...result.results
        .filter((each) => !each.success)
        .map((each) => describeResult(subject, each, key, maskedColumns)),
    );
  }
  const text = JSON.stringify(
    { ...stage, batches: runs.map(({ subject, batch }) => ({ subject, files: batch.files })), results },
    null,
    1,
  );
  const evidenceUri = layout.checkResult(stage.runKey, stage.stage, stage.generation);
  await deps.store.write(evidenceUri, text, 'application/json');
  return {
    evidenceUri,
    evidenceDigest: digestOf(text),
    findings: sortFindings(findings).slice(0, 20),
    findingCount: findings.length,
    checkCount: Object.values(results).reduce((sum, each) => sum + each.statistics.evaluated_expectations, 0),
    allowed: stage.allowed,
  };
}
