import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { EntityRead } from '../../src/core/manifest.ts';
import type { EntityToExtract, ExtractRequest } from '../../src/ports/source.ts';

/** A request whose uploads end in memory. */
export interface CapturedRequest extends ExtractRequest {
  /** Stored bytes by `entity/part`. */
  readonly stored: ReadonlyMap<string, Buffer>;
  /** CSV text of an entity, its parts in order, each with its header line. */
  csv(entity: string): string;
  /** Digest of a stored part, hex. */
  sha256(entity: string, part: number): string;
}

/** Asks for entities; `options` replace the defaults (in memory, never aborted). */
export function captureRequest(
  entities: readonly EntityToExtract[],
  options: Partial<ExtractRequest> = {},
): CapturedRequest {
  const stored = new Map<string, Buffer>();
  return {
    entities,
    applicationName: 'tidemark test',
    signal: new AbortController().signal,
    onProgress: () => undefined,
    upload: async (entity, part, body) => {
      const bytes = await buffer(body);
      stored.set(`${entity}/${part}`, bytes);
      return { uri: `memory://${entity}/${part}`, sizeBytes: bytes.length };
    },
    ...options,
    stored,
    csv: (entity) =>
      [...stored]
        .filter(([key]) => key.startsWith(`${entity}/`))
        .sort(([a], [b]) => Number(a.split('/')[1]) - Number(b.split('/')[1]))
        .map(([, bytes]) => gunzipSync(bytes).toString('utf8'))
        .join(''),
    sha256: (entity, part) =>
      createHash('sha256')
        .update(stored.get(`${entity}/${part}`)!)
        .digest('hex'),
  };
}

/** An entity over a table of the same name, with columns given as `name type`. */
export function entityOf(
  table: string,
  columns: readonly string[],
  read: EntityRead = { mode: 'full', reason: 'test' },
  measures: readonly string[] = [],
): EntityToExtract {
  return {
    name: table.split('.').at(-1)!.replaceAll('"', ''),
    table,
    columns: columns.map((text) => {
      const [name, ...type] = text.split(' ');
      return { name: name!, type: type.join(' ') };
    }),
    read,
    measures,
    key: [columns[0]!.split(' ')[0]!],
  };
}
