import type { Snapshot, SourceServer } from '../../core/manifest.ts';
import type { SourceTable } from '../../ports/source.ts';
import { beginRead } from './begin.ts';
import { describeTables } from './describe-tables.ts';
import { locateTables, requireAccess } from './locate-tables.ts';
import { readServer } from './read-server.ts';
import { openSession, type SessionOptions } from './session.ts';
import { readSnapshot } from './snapshot.ts';

const APPLICATION_NAME = 'tidemark introspect';

/** See `Source.introspect`. Throws SOURCE_ACCESS_DENIED when a table is there but the role cannot read all its rows. */
export async function introspect(
  options: SessionOptions,
  tables: readonly string[],
  scope: AbortSignal,
): Promise<{ server: SourceServer; snapshot: Snapshot; tables: Record<string, SourceTable | null> }> {
  const session = await openSession(options, APPLICATION_NAME, scope);
  await beginRead(session, options, { applicationName: APPLICATION_NAME });
  const snapshot = await readSnapshot(session);
  const { isStandby: _, ...server } = await readServer(session);
  const located = await locateTables(session, tables);
  requireAccess(session, located);
  const described = await describeTables(session, located);
  await session.close();
  return {
    server,
    snapshot,
    tables: Object.fromEntries(
      tables.map((table) => {
        const found = described[table];
        if (!found) return [table, null];
        const { kind, relationIds, columns, uniqueKeys, schemaHash } = found;
        return [table, { kind, relationIds, columns, uniqueKeys, schemaHash }];
      }),
    ),
  };
}
