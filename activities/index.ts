import { ApplicationFailure } from '@temporalio/activity';
import { TidemarkError } from '../src/core/errors.ts';
import { makeAnnounceRun } from './announce-run.ts';
import { makeCheckModels } from './check-models.ts';
import { makeCheckRaw } from './check-raw.ts';
import { makeCheckSource } from './check-source.ts';
import { makeCleanEntities } from './clean-entities.ts';
import type { ActivityDeps } from './deps.ts';
import { makeDescribePipeline } from './describe-pipeline.ts';
import { makeExtractSource } from './extract-source.ts';
import { makeJudgeFreshness, makeRememberFreshness } from './judge-freshness.ts';
import type { LimitedKind } from './limits.ts';
import { makeLoadWarehouse } from './load-warehouse.ts';
import { makeModelTables } from './model-tables.ts';
import { makePlanBackfill } from './plan-backfill.ts';
import { makePlanRun } from './plan-run.ts';
import { makePublishRun } from './publish-run.ts';
import { makeReconcile } from './reconcile.ts';
import { makeRecordFailedChunk } from './record-failed-chunk.ts';
import { makeListAlertChannels, makeSendAlert } from './send-alert.ts';
import { makeSyncCatalog } from './sync-catalog.ts';

/** The only list of activities. Each turns errors of the table in core/errors into what Temporal retries, or not. */
export function createActivities(deps: ActivityDeps) {
  const limited =
    <I extends { pipeline: string }, O>(kind: LimitedKind, activity: (input: I) => Promise<O>) =>
    (input: I) =>
      deps.limits.hold(input.pipeline, kind, () => activity(input));
  return {
    describePipeline: withFamilies(makeDescribePipeline(deps)),
    planBackfill: withFamilies(makePlanBackfill(deps)),
    recordFailedChunk: withFamilies(makeRecordFailedChunk(deps)),
    planRun: withFamilies(makePlanRun(deps)),
    checkSource: withFamilies(makeCheckSource(deps)),
    extractSource: withFamilies(limited('extracts', makeExtractSource(deps))),
    checkRaw: withFamilies(limited('checks', makeCheckRaw(deps))),
    cleanEntities: withFamilies(makeCleanEntities(deps)),
    modelTables: withFamilies(makeModelTables(deps)),
    checkModels: withFamilies(limited('checks', makeCheckModels(deps))),
    publishRun: withFamilies(makePublishRun(deps)),
    syncCatalog: withFamilies(makeSyncCatalog(deps)),
    loadWarehouse: withFamilies(limited('warehouseStatements', makeLoadWarehouse(deps))),
    reconcile: withFamilies(limited('warehouseStatements', makeReconcile(deps))),
    announceRun: withFamilies(makeAnnounceRun(deps)),
    judgeFreshness: withFamilies(makeJudgeFreshness(deps)),
    rememberFreshness: withFamilies(makeRememberFreshness(deps)),
    listAlertChannels: withFamilies(makeListAlertChannels(deps)),
    sendAlert: withFamilies(makeSendAlert(deps)),
  };
}

export type Activities = ReturnType<typeof createActivities>;

function withFamilies<I, O>(activity: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async (input) => {
    try {
      return await activity(input);
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error;
      throw ApplicationFailure.create({
        type: error.code,
        message: `${error.message}. ${error.todo}`,
        nonRetryable: !error.retryable,
        nextRetryDelay: error.retryAfterMs,
        cause: error,
      });
    }
  };
}
