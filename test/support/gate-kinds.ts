import { ApplicationFailure } from '@temporalio/client';
import type { Activities } from '../../activities/index.ts';
import type { Stage } from '../../src/core/run.ts';
import type { GateAction } from '../../src/core/verdict.ts';
import { failing } from './workflow-env.ts';

/** How a run ends after an action; `refused`: the gate does not offer it. */
export type End = 'published' | 'skipped' | 'aborted' | 'refused';

/** A gate that a run can open: where, and by what failure. */
export interface GateKind {
  readonly name: string;
  readonly stage: Stage;
  /** The activity that fails the first time. */
  readonly activity: keyof Activities;
  readonly fails: 'verdict' | 'error';
  /** Activities that a retry does again. */
  readonly again: readonly (keyof Activities)[];
  readonly ends: Readonly<Record<GateAction, End>>;
}

export const beforePublish = {
  approve: 'refused',
  skip: 'skipped',
  retry: 'published',
  abort: 'aborted',
} as const;
const afterPublish = { ...beforePublish, skip: 'refused' } as const;
const judged = { ...beforePublish, approve: 'published' } as const;

export const VERDICTS: readonly GateKind[] = [
  { stage: 'contract', activity: 'checkSource', again: ['planRun', 'checkSource'], ends: judged },
  {
    stage: 'raw',
    activity: 'checkRaw',
    again: ['extractSource', 'checkRaw'],
    ends: { ...judged, skip: 'published' },
  },
  {
    stage: 'audit',
    activity: 'checkModels',
    again: ['cleanEntities', 'modelTables', 'checkModels'],
    ends: judged,
  },
  {
    stage: 'reconcile',
    activity: 'reconcile',
    again: ['syncCatalog', 'loadWarehouse', 'reconcile'],
    ends: { ...judged, skip: 'refused' },
  },
].map((each) => ({ ...each, name: `${each.stage} verdict`, fails: 'verdict' }) as GateKind);

const rebuilt = (activity: keyof Activities) => ['cleanEntities', 'modelTables', activity] as const;
export const ERRORS: readonly GateKind[] = [
  { stage: 'plan', activity: 'planRun', again: ['planRun'], ends: beforePublish },
  { stage: 'contract', activity: 'checkSource', again: ['checkSource'], ends: beforePublish },
  { stage: 'extract', activity: 'extractSource', again: ['extractSource'], ends: beforePublish },
  { stage: 'raw', activity: 'checkRaw', again: ['checkRaw'], ends: beforePublish },
  { stage: 'clean', activity: 'cleanEntities', again: ['cleanEntities'], ends: beforePublish },
  { stage: 'model', activity: 'modelTables', again: ['cleanEntities', 'modelTables'], ends: beforePublish },
  { stage: 'audit', activity: 'checkModels', again: rebuilt('checkModels'), ends: beforePublish },
  { stage: 'publish', activity: 'publishRun', again: rebuilt('publishRun'), ends: beforePublish },
  { stage: 'catalog', activity: 'syncCatalog', again: ['syncCatalog'], ends: afterPublish },
  { stage: 'load', activity: 'loadWarehouse', again: ['loadWarehouse'], ends: afterPublish },
  { stage: 'reconcile', activity: 'reconcile', again: ['reconcile'], ends: afterPublish },
  { stage: 'announce', activity: 'announceRun', again: ['announceRun'], ends: afterPublish },
].map((each) => ({ ...each, name: `${each.stage} error`, fails: 'error' }) as GateKind);

/** What the failing activity gives in place of its answer, the first time. */
function fail(kind: GateKind, request: { plan?: unknown }): unknown {
  if (kind.fails === 'error') throw ApplicationFailure.nonRetryable('it is broken', 'BROKEN');
  if (kind.stage === 'contract') return { plan: request.plan, verdict: failing };
  return kind.stage === 'reconcile' ? { ...failing, allowed: ['approve', 'retry', 'abort'] } : failing;
}

/** Activities of which one fails the first time; `defaults` are those that work. */
export function failingOnce(kind: GateKind, defaults: Activities): Partial<Activities> {
  let isFirst = true;
  const original = defaults[kind.activity] as (request: object) => Promise<unknown>;
  return {
    [kind.activity]: async (request: object) => {
      if (!isFirst) return await original(request);
      isFirst = false;
      return fail(kind, request);
    },
  };
}
