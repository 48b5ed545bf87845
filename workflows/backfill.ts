import { patched } from '@temporalio/workflow';
import type { BackfillInput, InitialLoadInput } from '../src/core/backfill.ts';
import { backfillInTurn } from './backfill-in-turn.ts';
import { SideBySide } from './side-by-side.ts';
import { tellingOfFailure } from './tell-of-failure.ts';

/**
 * Re-reads a range of business dates, or loads entities for the first time in ranges of their keys, chunk by chunk: chunks are extracted and checked side by side, and several
 * of them are cleaned, modelled and published at once. What is published is in the publication, so a backfill
 * that was stopped and is started again does only what is missing. A chunk that waits for a person does not hold
 * the others. Fails with `BackfillIncomplete` when chunks ended without publishing.
 */
export async function backfill(
  input: BackfillInput | InitialLoadInput,
): Promise<{ published: number; skipped: number }> {
  return await tellingOfFailure(input.pipeline, async () =>
    patched('chunks-side-by-side') || 'isInitial' in input
      ? await new SideBySide(input).run()
      : await backfillInTurn(input),
  );
}
