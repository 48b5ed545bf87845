import type { Deciders, RetryPolicy } from '../src/core/definition.ts';
import type { ActivityDeps } from './deps.ts';
import { openPipeline } from './manifests.ts';

export interface PipelinePolicies {
  readonly retry: RetryPolicy;
  readonly escalateAfterMinutes: number[];
  /** Absent in histories of older versions, as is the next. */
  readonly deciders?: Deciders;
  readonly secondApproval?: readonly string[];
}

/** Tells the workflow the pipeline's policies, so that they are part of its history. */
export function makeDescribePipeline(deps: ActivityDeps) {
  return async ({ pipeline: name }: { pipeline: string }): Promise<PipelinePolicies> => {
    const { retry, escalateAfterMinutes, deciders, secondApproval } = openPipeline(deps, name).pipeline
      .definition;
    return { retry, escalateAfterMinutes, deciders, secondApproval };
  };
}
