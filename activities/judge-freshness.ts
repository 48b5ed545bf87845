import {
  type FreshnessChange,
  type FreshnessMemory,
  isYoung,
  judgeFreshness,
} from '../src/core/freshness.ts';
import type { Publication } from '../src/core/publication.ts';
import type { Alert } from '../src/ports/alerts.ts';
import type { ActivityDeps } from './deps.ts';
import { openPipeline, readPublication, readPublicationCopy } from './manifests.ts';

/** What people are to be told, and what is remembered once they are. */
export interface FreshnessNews {
  readonly change: FreshnessChange;
  readonly alert: Alert;
}

/** Looks how old the last publication is; null when there is nothing new to tell, or the pipeline has no deadline. */
export function makeJudgeFreshness(deps: ActivityDeps) {
  return async (input: { pipeline: string; since: string }): Promise<FreshnessNews | null> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const { freshness } = pipeline.definition;
    if (!freshness) return null;
    const nowMs = Date.now();
    const publication = (await readPublication(deps.store, layout))?.publication ?? null;
    // A backfill publishes old days: it says nothing of how fresh the data is.
    let read: Publication | null = publication;
    while (read?.runKind === 'backfill')
      read = isYoung(read.publishedAt, freshness.maxAgeMinutes, nowMs)
        ? await readPublicationCopy(deps.store, layout, read.sequence - 1)
        : null;
    const memory = await deps.store.read(layout.freshness);
    const change = judgeFreshness({
      publication,
      read,
      memory: memory ? (JSON.parse(memory.text) as FreshnessMemory) : null,
      startedAt: input.since,
      maxAgeMinutes: freshness.maxAgeMinutes,
      nowMs,
    });
    return change && { change, alert: wordAlert(input.pipeline, change, freshness.maxAgeMinutes, nowMs) };
  };
}

/** Remembers what people were told, so that they are told once. */
export function makeRememberFreshness(deps: ActivityDeps) {
  return async ({ pipeline, change }: { pipeline: string; change: FreshnessChange }): Promise<void> => {
    const { layout } = openPipeline(deps, pipeline);
    const memory: FreshnessMemory = {
      version: 1,
      lateAfter: change.state === 'late' ? change.lateAfter : null,
      toldAt: new Date().toISOString(),
    };
    await deps.store.write(layout.freshness, JSON.stringify(memory, null, 1), 'application/json');
  };
}

function wordAlert(
  pipeline: string,
  { state, lateAfter, since }: FreshnessChange,
  maxAge: number,
  nowMs: number,
): Alert {
  const workflowId = `freshness/${pipeline}`;
  const base = {
    // Late and fresh again are one incident.
    dedupKey: `${workflowId}/${lateAfter}`,
    pipeline,
    runKey: lateAfter,
    workflowId,
    at: new Date(nowMs).toISOString(),
  };
  if (state === 'fresh')
    return {
      ...base,
      kind: 'publication-fresh',
      severity: 'info',
      title: `${pipeline}: published again at ${since}`,
      lines: [`the deadline is ${maxAge} minutes`],
      commands: [],
    };
  const minutes = Math.floor((nowMs - Date.parse(since)) / 60_000);
  return {
    ...base,
    kind: 'publication-late',
    severity: 'critical',
    title: `${pipeline}: nothing published for ${minutes} minutes, the deadline is ${maxAge}`,
    lines: [
      `last publication by ${lateAfter}`,
      `none since ${since}`,
      'told once, until something is published',
    ],
    commands: [
      { command: `npx tidemark status --gaps ${pipeline}`, effect: 'shows what became of each interval' },
      { command: 'npx tidemark gates', effect: 'shows what waits for a person' },
    ],
  };
}
