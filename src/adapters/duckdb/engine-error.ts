import { QueryRefused } from '../../expectations/run-checks.ts';

/** The engine or the data could not be reached: nothing is known about the data, and another try may succeed. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/** Kinds of DuckDB errors that lie in the query or in the data that it read, not in the world around. */
const REFUSALS = [
  'Binder Error',
  'Catalog Error',
  'Conversion Error',
  'Invalid Input Error',
  'Invalid Error',
  'Mismatch Type Error',
  'Not implemented Error',
  'Out of Range Error',
  'Parser Error',
  'Permission Error',
  'Syntax Error',
  'TypeMismatch Error',
];
/** Kinds whose text quotes values of the data. */
const QUOTING = ['Conversion Error', 'Invalid Input Error', 'Out of Range Error', 'Mismatch Type Error'];

/** DuckDB's error as one of ours, its text stripped of SQL and of row data. */
export function translateError(error: unknown): QueryRefused | EngineError {
  const raw = error instanceof Error ? error.message : String(error);
  const kind = /^[\w ]+ Error/.exec(raw)?.[0] ?? '';
  const text = withoutRowData(raw, kind);
  if (REFUSALS.includes(kind)) return new QueryRefused(text);
  return new EngineError(text, { cause: undefined });
}

function withoutRowData(raw: string, kind: string): string {
  const head = raw
    .split(/\n\s*(?:LINE \d+:|Original Line|Possible fixes|Candidate)/)[0]!
    .replace(/\s+/g, ' ')
    .trim();
  if (!QUOTING.includes(kind)) return head;
  return head.replace(/(?:^|(?<=\s))(?:'[^']*'|"[^"]*")/g, "'***'").replace(/\([^()]*\d[^()]*\)/g, '(***)');
}
