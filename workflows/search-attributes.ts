import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Search attributes by which Temporal's UI and `tidemark status` find runs; none holds personal data. */
export const pipelineKey = defineSearchAttributeKey('TidemarkPipeline', SearchAttributeType.KEYWORD);
export const runKindKey = defineSearchAttributeKey('TidemarkRunKind', SearchAttributeType.KEYWORD);
export const stateKey = defineSearchAttributeKey('TidemarkState', SearchAttributeType.KEYWORD);
export const intervalKey = defineSearchAttributeKey('TidemarkInterval', SearchAttributeType.DATETIME);
export const waitingForKey = defineSearchAttributeKey('TidemarkWaitingFor', SearchAttributeType.KEYWORD);
export const waitingSinceKey = defineSearchAttributeKey('TidemarkWaitingSince', SearchAttributeType.DATETIME);
/** Set by the server on runs that a Schedule starts. */
export const scheduledStartTimeKey = defineSearchAttributeKey(
  'TemporalScheduledStartTime',
  SearchAttributeType.DATETIME,
);
