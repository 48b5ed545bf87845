import type { EntityDefinition } from './definition.ts';
import { describeDrift } from './describe-drift.ts';
import { type Drift, findDrift, findReread } from './drift.ts';
import { evolvedType, refuseEvolving } from './evolve.ts';
import type { EntityRead, SourceColumn } from './manifest.ts';
import type { Column } from './native-shape.ts';
import type { Finding } from './verdict.ts';

/** What a source says of a table, as far as the contract is concerned; see ports/source. */
interface TableFacts {
  readonly columns: readonly SourceColumn[];
  readonly uniqueKeys: readonly (readonly string[])[];
}

export interface ContractRequest {
  /** The contract, with the columns that were evolved into it. */
  readonly entity: EntityDefinition;
  readonly read: EntityRead;
  /** Null when there is no such table. */
  readonly table: TableFacts | null;
  /** The table as it was when the entity was last published; null when that is not known. */
  readonly seen: readonly SourceColumn[] | null;
  /** The contract is another than the published one. */
  readonly isContractNew: boolean;
  /** The table's digest is another than the published one. */
  readonly hasChanged: boolean;
  /** What a new column leads to in the warehouse, as SQL. */
  readonly statementsFor: (column: Column) => readonly string[];
}

/** What comparing one table with its contract leads to. */
export interface ContractVerdict {
  readonly findings: readonly Finding[];
  readonly drifts: readonly Drift[];
  /** Columns to read, in the order of the CSV: those of the contract that are there, then new ones that are carried. */
  readonly columns: readonly Column[];
  /** Statements that carrying the new columns leads to. */
  readonly statements: readonly string[];
  /** Why the entity has to be read whole; null when what was written since is enough. */
  readonly reread: string | null;
  /** Whether a person can let the run go on with the contract. */
  readonly isApprovable: boolean;
}

/** Compares a table with its contract and with what was last seen of it, and judges each difference by the entity's policy. */
export function judgeContract(request: ContractRequest): ContractVerdict {
  const { entity, table, seen } = request;
  if (!table) {
    const message = `table ${entity.table} does not exist at the source`;
    const findings = [finding(entity, 'SCHEMA_DRIFT', 'critical', null, message)];
    return { findings, drifts: [], columns: [], statements: [], reread: null, isApprovable: false };
  }
  const drifts = findDrift({ ...request, now: table.columns });
  const required = requiredColumns(entity, request.read);
  const carried = carriedColumns(request, drifts);
  const reread = findReread(drifts) ?? findCarriedReread(carried, drifts, table);
  const isTold = isToldBefore(request);
  const findings = drifts.flatMap((drift) => {
    const column = carried.find((each) => each.name === drift.column && !drift.isRead) ?? null;
    const severity = severityOf(drift, entity, seen !== null, column !== null);
    if (severity === 'info' && drift.isKnown && isTold) return [];
    const message = describeDrift(drift, {
      entity,
      why: required.get(drift.column) ?? null,
      reread,
      carried: column,
      statements: column ? request.statementsFor(column) : [],
      isFrozen: entity.onDrift === 'freeze' && severity === 'critical' && !drift.breach,
    });
    return [finding(entity, 'SCHEMA_DRIFT', severity, drift.column, message)];
  });
  if (entity.onDrift === 'freeze' && seen === null && request.hasChanged) {
    const message =
      'its columns changed since they were published, by a version that kept no description of them; approve: goes on with the contract as it is, and later runs compare with this';
    findings.push(finding(entity, 'SCHEMA_DRIFT', 'critical', null, message));
  }
  const present = new Set(table.columns.map((column) => column.name));
  const read = Object.entries(entity.columns).filter(([name]) => present.has(name));
  return {
    findings: [...findings, ...checkKeys(entity, table, isTold)],
    drifts,
    columns: [...read.map(([name, { type }]) => ({ name, type })), ...carried],
    statements: carried.flatMap((column) => request.statementsFor(column)),
    reread,
    isApprovable: [...required.keys()].every((name) => present.has(name)),
  };
}

/** Whether an earlier run has told what there is to tell of this table under this contract. */
function isToldBefore({ seen, hasChanged, isContractNew }: ContractRequest): boolean {
  return seen !== null && !hasChanged && !isContractNew;
}

function severityOf(
  drift: Drift,
  { onDrift }: EntityDefinition,
  isCompared: boolean,
  isCarried: boolean,
): Finding['severity'] {
  if (drift.breach === 'critical' && !drift.isKnown) return 'critical';
  if (onDrift === 'freeze' && isCompared && !drift.isKnown) return 'critical';
  return drift.breach !== null || isCarried ? 'warning' : 'info';
}

/** New columns that policy `evolve` takes up. A window read does not: it moves nothing of what was last seen. */
function carriedColumns({ entity, read }: ContractRequest, drifts: readonly Drift[]): Column[] {
  if (entity.onDrift !== 'evolve' || read.mode === 'window') return [];
  return drifts
    .filter((each) => each.kind.startsWith('added') && !each.isRead && !each.isKnown)
    .filter(({ column }) => refuseEvolving(entity, column) === null)
    .map(({ column, now }) => ({ name: column, type: evolvedType(now!) }));
}

/** Why older rows have values in a column that is carried from now on; null when they have none. */
function findCarriedReread(
  carried: readonly Column[],
  drifts: readonly Drift[],
  { columns }: TableFacts,
): string | null {
  for (const { name } of carried) {
    const before = drifts.find((each) => each.column === name && each.renamedFrom)?.renamedFrom;
    if (before) return `new column ${name} was ${before} before and has its values`;
    if (columns.find((column) => column.name === name)?.hasMissingValue)
      return `new column ${name} has a default in rows that were not written`;
  }
  return null;
}

/** Columns without which the entity cannot be read, and what they are for. */
function requiredColumns(entity: EntityDefinition, read: EntityRead): ReadonlyMap<string, string> {
  const required = new Map<string, string>();
  for (const [name, { nullable }] of Object.entries(entity.columns))
    if (!nullable) required.set(name, 'the contract says NOT NULL');
  if ('column' in entity.cursor) required.set(entity.cursor.column, 'it is the cursor');
  if (entity.deletes.mode === 'soft') required.set(entity.deletes.column, 'it marks deleted rows');
  if (read.mode === 'window') required.set(read.column, 'the window is of its dates');
  for (const name of entity.key) required.set(name, 'it is of the key');
  return required;
}

function checkKeys(entity: EntityDefinition, table: TableFacts, isTold: boolean): Finding[] {
  const known = new Map(table.columns.map((column) => [column.name, column]));
  const findings = Object.entries(entity.columns)
    .filter(([name, wanted]) => !wanted.nullable && known.get(name)?.nullable)
    .map(([name]) =>
      finding(
        entity,
        'contract',
        'info',
        name,
        'may be NULL at the source, not in the contract; such rows go to quarantine',
      ),
    );
  const isUnique = table.uniqueKeys.some((key) => key.every((name) => entity.key.includes(name)));
  const message = `no primary key or unique index at the source covers (${entity.key.join(', ')}); duplicates are dropped`;
  // People are warned once; later runs keep it as a note.
  const severity = isTold ? 'info' : 'warning';
  return isUnique ? findings : [...findings, finding(entity, 'contract', severity, null, message)];
}

function finding(
  entity: EntityDefinition,
  check: string,
  severity: Finding['severity'],
  column: string | null,
  message: string,
): Finding {
  return {
    check,
    severity,
    subject: entity.name,
    column,
    message,
    rowCount: null,
    failedCount: null,
    sampleKeys: [],
  };
}
