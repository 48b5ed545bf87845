import type { EntityDefinition } from './definition.ts';
import type { EntityExtract, ExtractManifest } from './manifest.ts';
import type { TableVersion } from './publication.ts';

/** One entity's way through the clean step. */
export interface CleanEntity {
  readonly entity: EntityDefinition;
  /** One of a run; several when chunks of a backfill are cleaned together. */
  readonly reads: readonly CleanRead[];
  /** What is published of it, null before the first publication. */
  readonly base: TableVersion | null;
  /** Fresh prefixes that end in `/`. */
  readonly cleanPath: string;
  readonly quarantinePath: string;
}

/** What one extract brought of the entity. */
export interface CleanRead {
  readonly extract: EntityExtract;
  /** Order of the extract's first snapshot; a part of a later one names its own. */
  readonly order: string;
  /** Order of its last snapshot, under which keys were compared. */
  readonly lastOrder: string;
}

/** The entity's part in an extract, as the clean step takes it. */
export function cleanReadOf(manifest: ExtractManifest, entity: string): CleanRead {
  const { order } = manifest.snapshot;
  const lastOrder = manifest.laterSnapshots?.at(-1)?.order ?? order;
  return { extract: manifest.entities[entity]!, order, lastOrder };
}

/**
 * Whether the read may find rows of the base deleted: those that a comparison found gone, and those that a
 * business-date window lacks. The date of a window is the source's, so a clean rule on it leaves nothing to compare.
 */
export function findsDeleted(entity: EntityDefinition, base: TableVersion | null, read: CleanRead): boolean {
  const { extract } = read;
  if (extract.comparison?.gone) return true;
  if (extract.read.mode !== 'window' || base === null) return false;
  return entity.columns[extract.read.column]?.clean === undefined;
}

/** Those of the entity's reads that may find rows deleted. */
export function deletingReads({ entity, base, reads }: CleanEntity): CleanRead[] {
  return reads.filter((read) => findsDeleted(entity, base, read));
}

/** Name of a view of the plan; no two entities share one. */
export function view(stage: string, entity: EntityDefinition): string {
  return `__${stage}_${entity.name}`;
}

/** Raw parts with the same columns, which are read as one. */
export interface RawGroup {
  readonly view: string;
  readonly columns: readonly string[];
  readonly parts: readonly RawPart[];
}

interface RawPart {
  readonly uri: string;
  /** Order of the snapshot that its rows were read under. */
  readonly order: string;
}

/** The raw parts by their columns: chunks of a backfill have a snapshot each, and a scan of its own for each would take longer than its rows. */
export function rawGroups({ entity, reads }: CleanEntity): RawGroup[] {
  const byColumns = new Map<string, { columns: readonly string[]; parts: RawPart[] }>();
  for (const { extract, order } of reads) {
    const columns = extract.columns.map((column) => column.name);
    const group = byColumns.get(columns.join()) ?? { columns, parts: [] };
    byColumns.set(columns.join(), group);
    group.parts.push(...extract.parts.map((part) => ({ uri: part.uri, order: part.order ?? order })));
  }
  return [...byColumns.values()].map((group, nth) => ({
    ...group,
    view: view(`raw${nth === 0 ? '' : nth + 1}`, entity),
  }));
}
