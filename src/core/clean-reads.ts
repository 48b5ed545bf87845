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

/** Raw parts of one snapshot; all rows of a view get its order. */
export interface RawGroup {
  readonly view: string;
  readonly order: string;
  readonly columns: readonly string[];
  readonly paths: readonly string[];
}

/** The raw parts by snapshot. */
export function rawGroups({ entity, reads }: CleanEntity): RawGroup[] {
  const groups = reads.flatMap(({ extract, order }) => {
    const orders = [...new Set([order, ...extract.parts.map((part) => part.order ?? order)])];
    return orders.map((each) => ({
      order: each,
      columns: extract.columns.map((column) => column.name),
      paths: extract.parts.filter((part) => (part.order ?? order) === each).map((part) => part.uri),
    }));
  });
  return groups.map((group, nth) => ({
    ...group,
    view: view(`raw${nth === 0 ? '' : nth + 1}`, entity),
  }));
}
