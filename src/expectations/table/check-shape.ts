import type { Check, Outcome } from '../check.ts';
import { openScope, type Session } from '../context.ts';

/** Judges the batch's columns alone, without reading a row. */
export function* checkShape(session: Session, judge: (columns: readonly string[]) => Outcome): Check {
  const outcome = judge(openScope(session).source.columns.map((column) => column.name));
  return session.evidence.format === 'BOOLEAN_ONLY' ? { ...outcome, result: {} } : outcome;
}
