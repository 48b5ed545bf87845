import type { ExtractManifest } from './manifest.ts';
import type { FoldEntity } from './model-plan.ts';
import type { TableVersion } from './publication.ts';
import type { CleanedEntity, WrittenTable } from './stage.ts';

export interface FoldRequest {
  readonly name: string;
  /** What is published of the entity. */
  readonly base: TableVersion | null;
  /** This run's cleaned rows; null when the run does not change the entity. */
  readonly cleaned: CleanedEntity | null;
  readonly extracts: readonly ExtractManifest[];
  /** A model that follows the entity's partitions is built again whole. */
  readonly isRebuilt: boolean;
}

/** Says what of the published rows and of the changes the model step folds, and over which partitions. */
export function planFold({ name, base, cleaned, extracts, isRebuilt }: FoldRequest): FoldEntity {
  const full = cleaned ? fullReadOf(name, extracts) : null;
  const all = isRebuilt ? (base?.partitions.map((each) => each.value) ?? []) : [];
  return {
    base,
    changes: cleaned ? cleaned.files.map((file) => file.uri) : null,
    replacesUpTo: full ? (full.isRewound ? AFTER_ALL : full.order) : null,
    // A rewound source counts its snapshots anew.
    floor: full?.isRewound ? null : (base?.floor ?? null),
    touched: [...new Set([...(cleaned?.touched ?? []), ...all])].sort(),
  };
}

/** Up to which snapshots the stored rows settle what changes that come late may still say; see `TableVersion`. */
export type Settled = Pick<WrittenTable, 'floor' | 'windowDeletedAt'>;

/** What the folded entity settles. */
export function settledBy(
  name: string,
  base: TableVersion | null,
  { windowDeletedAt }: CleanedEntity,
  extracts: readonly ExtractManifest[],
): Settled {
  const full = fullReadOf(name, extracts);
  if (full?.isRewound) return { floor: full.order, windowDeletedAt };
  return {
    floor: newest(base?.floor, full?.order),
    windowDeletedAt: newest(base?.windowDeletedAt, windowDeletedAt),
  };
}

/** Sorts after every snapshot order, which is digits. */
const AFTER_ALL = '~';

/** The newest full read of the entity; null when it was read in part. */
function fullReadOf(
  name: string,
  extracts: readonly ExtractManifest[],
): { readonly order: string; readonly isRewound: boolean } | null {
  const found = extracts.flatMap(({ entities, snapshot }) => {
    const read = entities[name]?.read;
    return read?.mode === 'full' ? [{ order: snapshot.order, isRewound: read.isRewound === true }] : [];
  });
  return found.sort((a, b) => (a.order < b.order ? 1 : -1))[0] ?? null;
}

function newest(...orders: readonly (string | undefined)[]): string | undefined {
  return orders
    .filter((each) => each !== undefined)
    .sort()
    .at(-1);
}
