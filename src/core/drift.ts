import { canonicalType } from './column-type.ts';
import type { EntityDefinition } from './definition.ts';
import type { SourceColumn } from './manifest.ts';
import { changesText, findTypeChange, judgeFit } from './type-change.ts';

/** How a column of a source differs from the contract, or from what was last seen of it. */
type DriftKind =
  | 'added-nullable'
  | 'added-not-null'
  | 'removed'
  | 'widened'
  | 'narrowed'
  | 'retyped'
  | 'renamed-candidate'
  | 'nullable'
  | 'not-null'
  | 'enum-value-added'
  | 'enum-value-removed';

/** One line of the diff of a table. */
export interface Drift {
  readonly kind: DriftKind;
  readonly column: string;
  /** What it was (of the contract, where the contract is broken), and what it is: a type in its one spelling, `NOT NULL`, or a label; null for nothing. */
  readonly before: string | null;
  readonly now: string | null;
  /** Whether the contract reads the column. */
  readonly isRead: boolean;
  /** How well the contract takes it: `critical` when it is broken, `warning` when a text may be too long. */
  readonly breach: 'critical' | 'warning' | null;
  /** It was so already when the entity was last published. */
  readonly isKnown: boolean;
  /** For a renamed-candidate: the new column of the same type. */
  readonly candidate?: string;
  /** For an added one: the name that this very column of the table had before. */
  readonly renamedFrom?: string;
  /** Why rows that were not written since have other values now, or null; such a column has to be read whole. */
  readonly rereads: string | null;
}

export interface DriftRequest {
  /** The contract, with the columns that were evolved into it. */
  readonly entity: EntityDefinition;
  readonly now: readonly SourceColumn[];
  /** The table as it was when the entity was last published; null when that is not known. */
  readonly seen: readonly SourceColumn[] | null;
  /** The contract is another than the published one, so nobody has agreed to a difference from it. */
  readonly isContractNew: boolean;
}

/** Compares a table with its contract and with what was last seen of it, column by column. */
export function findDrift(request: DriftRequest): Drift[] {
  const { entity, now, seen } = request;
  const contract = Object.keys(entity.columns);
  const known = new Map(now.map((column) => [column.name, column]));
  const last = seen && new Map(seen.map((column) => [column.name, column]));
  const others = [...new Set([...known.keys(), ...(last?.keys() ?? [])])].filter(
    (name) => !contract.includes(name),
  );
  const drifts = [
    ...contract.flatMap((name) => compareRead(request, name, known.get(name), last?.get(name))),
    ...others.flatMap((name) => compareUnread(name, known.get(name), last?.get(name), seen)),
  ];
  return findRenames(drifts);
}

/** A column of the contract. */
function compareRead(
  { entity, seen, isContractNew }: DriftRequest,
  name: string,
  now: SourceColumn | undefined,
  last: SourceColumn | undefined,
): Drift[] {
  const wanted = entity.columns[name]!.type;
  const base = { column: name, isRead: true, breach: null, isKnown: false, rereads: null } as const;
  if (!now) {
    const isKnown = seen !== null && !last && !isContractNew;
    const before = canonicalType(last?.type ?? wanted);
    return [{ ...base, kind: 'removed', before, now: null, breach: 'critical', isKnown }];
  }
  const drifts: Drift[] = [];
  if (seen && !last) {
    const rereads = isContractNew ? null : `column ${name} is back at the source`;
    drifts.push({ ...base, kind: addedKind(now), before: null, now: canonicalType(now.type), rereads });
  }
  const breach = judgeFit(wanted, now.type);
  const change = last ? findTypeChange(last.type, now.type) : null;
  const rereads =
    last && change && changesText(last.type, now.type) ? `the type of column ${name} changed` : null;
  if (breach) {
    const kind = findTypeChange(wanted, now.type) ?? 'retyped';
    const isKnown = last !== undefined && change === null && !isContractNew;
    drifts.push({
      ...base,
      kind,
      before: canonicalType(wanted),
      now: canonicalType(now.type),
      breach,
      isKnown,
      rereads,
    });
  } else if (last && change) {
    drifts.push({
      ...base,
      kind: change,
      before: canonicalType(last.type),
      now: canonicalType(now.type),
      rereads,
    });
  }
  if (last) drifts.push(...compareDetails(base, last, now));
  return drifts;
}

/** A column that the contract does not name. */
function compareUnread(
  name: string,
  now: SourceColumn | undefined,
  last: SourceColumn | undefined,
  seen: readonly SourceColumn[] | null,
): Drift[] {
  const base = { column: name, isRead: false, breach: null, isKnown: false, rereads: null } as const;
  if (!now) return [{ ...base, kind: 'removed', before: canonicalType(last!.type), now: null }];
  if (!last) {
    const before = seen?.find(({ position }) => position !== undefined && position === now.position);
    const renamed = before ? { renamedFrom: before.name } : {};
    const type = canonicalType(now.type);
    return [{ ...base, ...renamed, kind: addedKind(now), before: null, now: type, isKnown: seen === null }];
  }
  const change = findTypeChange(last.type, now.type);
  const retyped: Drift[] = change
    ? [{ ...base, kind: change, before: canonicalType(last.type), now: canonicalType(now.type) }]
    : [];
  const details = compareDetails(base, last, now).map((drift) => ({ ...drift, rereads: null }));
  // It stays a column that is not read, which the first run told; the policy `evolve` does not take it up later.
  const unread: Drift = {
    ...base,
    kind: addedKind(now),
    before: null,
    now: canonicalType(now.type),
    isKnown: true,
  };
  return [...retyped, ...details, unread];
}

function addedKind(column: SourceColumn): DriftKind {
  return column.nullable ? 'added-nullable' : 'added-not-null';
}

type DriftBase = Pick<Drift, 'column' | 'isRead' | 'breach' | 'isKnown' | 'rereads'>;

/** What the type's name does not tell: NULLs, labels, and values that no row was written for. */
function compareDetails(base: DriftBase, last: SourceColumn, now: SourceColumn): Drift[] {
  const drifts: Drift[] = [];
  if (last.nullable !== now.nullable) {
    const text = (isNullable: boolean) => (isNullable ? 'NULL' : 'NOT NULL');
    const kind = now.nullable ? 'nullable' : 'not-null';
    drifts.push({ ...base, kind, before: text(last.nullable), now: text(now.nullable) });
  }
  if (last.enumLabels && now.enumLabels) {
    const [before, after] = [last.enumLabels, now.enumLabels];
    for (const label of after.filter((each) => !before.includes(each)))
      drifts.push({ ...base, kind: 'enum-value-added', before: null, now: label });
    // A label is renamed in place: rows that have it print another text, and none of them is written.
    const rereads = `labels of column ${now.name} were renamed`;
    for (const label of before.filter((each) => !after.includes(each)))
      drifts.push({ ...base, kind: 'enum-value-removed', before: label, now: null, rereads });
  }
  const isOther = last.position !== undefined && last.position !== now.position;
  if (isOther || (now.hasMissingValue && !last.hasMissingValue)) {
    // Dropped and added again, or two names exchanged: rows that nobody wrote have the values of another column.
    const rereads = `column ${now.name} is another one than was read under its name`;
    drifts.push({ ...base, kind: addedKind(now), before: null, now: canonicalType(now.type), rereads });
  }
  return drifts;
}

/** A column that is gone, and the one new column that it is under another name, or that alone has its type. */
function findRenames(drifts: readonly Drift[]): Drift[] {
  const added = drifts.filter((each) => each.kind.startsWith('added') && !each.isRead && !each.isKnown);
  const gone = drifts.filter((each) => each.kind === 'removed' && !each.isKnown);
  return drifts.map((drift) => {
    if (!gone.includes(drift)) return drift;
    const renamed = added.find((each) => each.renamedFrom === drift.column);
    const alike = added.filter((each) => each.now === drift.before);
    const isOnly = alike.length === 1 && gone.filter((each) => each.before === drift.before).length === 1;
    const candidate = renamed ?? (isOnly ? alike[0] : undefined);
    return candidate ? { ...drift, kind: 'renamed-candidate', candidate: candidate.column } : drift;
  });
}

/** Why an entity has to be read whole after these changes; null when what was written since is enough. */
export function findReread(drifts: readonly Drift[]): string | null {
  return drifts.find((each) => each.rereads !== null)?.rereads ?? null;
}
