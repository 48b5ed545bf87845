import { makeLayout } from '../../src/core/layout.ts';
import type { CleanCounts } from '../../src/core/run.ts';
import type { RunStatus } from '../../workflows/messages.ts';
import type { Output } from './output.ts';
import { withDeps } from './session.ts';

/** Rows that a published run has put into quarantine, by entity, without those that have none. */
export type Quarantined = Readonly<Record<string, number>>;

/** Reads it from the record of a published run; null for another one, and where the settings of the data are missing or the record cannot be read. */
export async function readQuarantined(
  out: Output,
  workflowId: string,
  { state, runKey }: Pick<RunStatus, 'state' | 'runKey'>,
): Promise<Quarantined | null> {
  if (state !== 'published') return null;
  const [, pipeline = ''] = workflowId.split('/');
  try {
    const object = await withDeps(out, (deps, config) =>
      deps.store.read(makeLayout(config.zones, pipeline).runRecord(runKey)),
    );
    if (!object) return null;
    const { cleaned } = JSON.parse(object.text) as { cleaned: Readonly<Record<string, CleanCounts>> };
    const rejected = Object.entries(cleaned).map(([name, counts]) => [name, counts.rejected] as const);
    return Object.fromEntries(rejected.filter(([, count]) => count > 0));
  } catch {
    return null;
  }
}

/** `quarantined orders 3`, or `nothing quarantined`. */
export function describeQuarantined(found: Quarantined): string {
  const counts = Object.entries(found).map(([name, count]) => `${name} ${count}`);
  return counts.length > 0 ? `quarantined ${counts.join(', ')}` : 'nothing quarantined';
}
