import { QueryRefused } from '../../expectations/run-checks.ts';
import { describeFileError } from './file-error.ts';

/**
 * What kept the engine from its work: `access` and `missing` need a person, `network` may pass by itself, `memory` and
 * `stopped` are limits of the run, `internal` is a fault of the engine.
 */
export type EngineFailure = 'access' | 'missing' | 'network' | 'memory' | 'stopped' | 'internal';

/** The engine or the data could not be reached: nothing is known about the data. The message holds no row data. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly failure: EngineFailure;

  constructor(failure: EngineFailure, message: string) {
    super(message);
    this.failure = failure;
  }
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
  'Syntax Error',
  'TypeMismatch Error',
];
/** Kinds whose text quotes values of the data. */
const QUOTING = ['Conversion Error', 'Invalid Input Error', 'Out of Range Error', 'Mismatch Type Error'];

/** DuckDB's error as one of ours, its text stripped of SQL and of row data. */
export function translateError(error: unknown): QueryRefused | EngineError {
  const raw = error instanceof Error ? error.message : String(error);
  const unreadable = describeFileError(raw);
  if (unreadable !== null) return new QueryRefused(unreadable);
  const kind = /^[\w ]+ Error/.exec(raw)?.[0] ?? '';
  // A path that is no file is tried as a folder, which the lock forbids.
  const absent = /^Permission Error: Cannot access file "(.*?)(?:\/\*\*\/.*)?"/.exec(raw)?.[1];
  if (absent !== undefined)
    return new EngineError('missing', `the file ${absent} is not there or is not one of the run's`);
  const text = withoutRowData(raw, kind);
  if (REFUSALS.includes(kind)) return new QueryRefused(text);
  return new EngineError(failureOf(raw, kind), text);
}

function failureOf(raw: string, kind: string): EngineFailure {
  if (kind.startsWith('INTERRUPT')) return 'stopped';
  if (kind.startsWith('Out of Memory')) return 'memory';
  if (/HTTP (401|403)/.test(raw)) return 'access';
  if (/HTTP 404|No files found|No such file/.test(raw)) return 'missing';
  return kind.startsWith('HTTP') || kind.startsWith('IO') ? 'network' : 'internal';
}

function withoutRowData(raw: string, kind: string): string {
  const head = raw
    .split(/\n\s*(?:LINE \d+:|Original Line|Possible fixes|Candidate|Authentication Failure)/)[0]!
    .replace(/\s+/g, ' ')
    .trim();
  if (!QUOTING.includes(kind)) return head;
  return head.replace(/(?<=^|\s)(?:'[^']*'|"[^"]*")/g, "'***'").replace(/\([^()]*\d[^()]*\)/g, '(***)');
}
