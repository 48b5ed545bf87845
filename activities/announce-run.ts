import { describeCompared } from '../src/core/comparison.ts';
import type { DecisionRecord } from '../src/core/publication.ts';
import type { CleanCounts, ComparedEntity } from '../src/core/run.ts';
import { describeWaived, type WaivedFinding } from '../src/core/verdict.ts';
import type { Alert } from '../src/ports/alerts.ts';
import type { ActivityDeps } from './deps.ts';
import { openPipeline, type RunScope, readPublication } from './manifests.ts';
import { makeSendAlert } from './send-alert.ts';

export interface RunReport extends RunScope {
  readonly workflowId: string;
  readonly sequence: number;
  readonly extracted: Readonly<Record<string, number>>;
  /** By entity whose rows were compared in source and lake. */
  readonly compared?: Readonly<Record<string, ComparedEntity>>;
  readonly cleaned: Readonly<Record<string, CleanCounts>>;
  readonly decisions: readonly DecisionRecord[];
  /** Failures that waivers let pass. */
  readonly waived?: readonly WaivedFinding[];
  /** Whether the workflow sends the alert; runs that began under an older version leave it to this activity. */
  readonly isAlertSentApart?: boolean;
}

/** Leaves the run's record beside its manifests and words the alert that it is published. */
export function makeAnnounceRun(deps: ActivityDeps) {
  const sendAlert = makeSendAlert(deps);
  return async ({ isAlertSentApart, ...input }: RunReport): Promise<{ recordUri: string; alert?: Alert }> => {
    const { layout } = openPipeline(deps, input.pipeline);
    const publication = (await readPublication(deps.store, layout))!.publication;
    const tables = Object.entries(publication.tables).map(([name, table]) => ({
      name,
      rowCount: table.partitions.reduce((sum, part) => sum + part.rowCount, 0),
    }));
    const at = new Date().toISOString();
    const recordUri = layout.runRecord(input.runKey);
    await deps.store.write(
      recordUri,
      JSON.stringify({ version: 1, ...input, tables, announcedAt: at }, null, 1),
      'application/json',
    );
    const rejected = Object.entries(input.cleaned).filter(([, counts]) => counts.rejected > 0);
    const alert: Alert = {
      kind: 'run-published',
      dedupKey: input.workflowId,
      severity: 'info',
      pipeline: input.pipeline,
      runKey: input.runKey,
      workflowId: input.workflowId,
      title: `${input.pipeline}: run ${input.runKey} published as ${input.sequence}`,
      lines: [
        `extracted ${list(Object.entries(input.extracted))}`,
        ...(rejected.length > 0
          ? [`quarantined ${list(rejected.map(([name, counts]) => [name, counts.rejected]))}`]
          : []),
        ...Object.entries(input.compared ?? {}).flatMap(([name, each]) => describeCompared(name, each)),
        `tables ${list(tables.map(({ name, rowCount }) => [name, rowCount]))}`,
        ...input.decisions.map((each) => `${each.action} at ${each.gate} by ${each.by}: ${each.reason}`),
        ...(input.waived ?? []).map(describeWaived),
      ],
      commands: [],
      at,
    };
    if (isAlertSentApart) return { recordUri, alert };
    await sendAlert(alert);
    return { recordUri };
  };
}

function list(counts: readonly (readonly [string, number])[]): string {
  return counts.map(([name, count]) => `${name} ${count}`).join(', ');
}
