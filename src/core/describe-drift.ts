import type { EntityDefinition } from './definition.ts';
import type { Drift } from './drift.ts';
import { evolvedType, refuseEvolving } from './evolve.ts';
import type { Column } from './native-shape.ts';

/** What is known of a difference beside the difference itself. */
export interface DriftContext {
  readonly entity: EntityDefinition;
  /** Why the entity cannot be read without the column; null when it can. */
  readonly why: string | null;
  /** Why the entity is read whole after an approval; null when older rows stay as they are. */
  readonly reread: string | null;
  /** The column as it is carried from now on; null when it is not. */
  readonly carried: Column | null;
  /** What carrying it leads to in the warehouse. */
  readonly statements: readonly string[];
  /** Only the policy `freeze` makes it wait. */
  readonly isFrozen: boolean;
}

/** One line of a diff for a person: what changed, what an approval leads to, what to write in the definition instead. */
export function describeDrift(drift: Drift, context: DriftContext): string {
  const { kind, before, now } = drift;
  const line =
    before !== null && now !== null ? `~ ${before} -> ${now}` : now !== null ? `+ ${now}` : `- ${before}`;
  const frozen = context.isFrozen
    ? '; approve: goes on with the contract as it is, and later runs compare with this'
    : '';
  return `${kind}: ${line}${explain(drift, context)}${frozen}`;
}

function explain(drift: Drift, context: DriftContext): string {
  const { column, now, breach, isKnown, isRead } = drift;
  if (drift.kind.startsWith('added') && !isRead) return explainAdded(drift, context);
  if (breach === null) return drift.rereads ? '; the entity is read whole' : '';
  const path = `columns.${column}`;
  if (now === null) {
    if (context.why) return `; the entity cannot be read without it: ${context.why}`;
    if (isKnown) return `; NULL in rows read since; definition: remove ${path} to end this warning`;
    const rename = drift.candidate
      ? `; perhaps renamed to ${drift.candidate}, which is new; definition: then name it so`
      : `; definition: or remove ${path}`;
    const rows = context.reread
      ? `NULL in ALL rows, since the entity is read whole (${context.reread})`
      : 'NULL in rows read from now on, older rows keep their values';
    return `; approve: ${rows}, no DDL${rename}`;
  }
  const definition = `; definition: ${path}.type '${evolvedType(now)}', which has models of it rebuilt and native tables made anew`;
  if (breach === 'warning' || isKnown) return `; values that do not fit go to quarantine${definition}`;
  return `; approve: values that do not fit go to quarantine, no DDL${definition}`;
}

function explainAdded({ column, now, isKnown, renamedFrom }: Drift, context: DriftContext): string {
  const { entity, carried, statements } = context;
  if (carried) {
    const sql =
      statements.length > 0
        ? `; Redshift: ${statements.join('; ')}`
        : `; no model says evolve: ${entity.name}, so it is kept in the lake only`;
    const old = renamedFrom
      ? `; it was ${renamedFrom} before, so the entity is read whole for its values`
      : '';
    return `; carried as ${carried.type}${old}${sql}`;
  }
  const refusal = entity.onDrift === 'evolve' && !isKnown ? refuseEvolving(entity, column) : null;
  const reason = refusal ? `not carried: ${refusal}` : 'not read';
  return `; ${reason}; definition: columns.${column}: { type: '${evolvedType(now!)}' }`;
}
