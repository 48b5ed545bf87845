import type { RetryPolicy } from '../src/core/definition.ts';
import type { ActivityDeps } from './deps.ts';
import { openPipeline } from './manifests.ts';

/** Tells the workflow the pipeline's policies, so that they are part of its history. */
export function makeDescribePipeline(deps: ActivityDeps) {
  return async ({
    pipeline: name,
  }: {
    pipeline: string;
  }): Promise<{ retry: RetryPolicy; escalateAfterMinutes: number[] }> => {
    const { retry, escalateAfterMinutes } = openPipeline(deps, name).pipeline.definition;
    return { retry, escalateAfterMinutes };
  };
}
