import { CommandError, EXIT } from './output.ts';
import { toSeconds } from './table.ts';

/** Workflow id of a run as a person writes it: the prefix `ingest/` may be left out. */
export function parseRunId(text: string): string {
  if (text.startsWith('backfill/'))
    throw new CommandError(
      `"${text}" is a backfill, not a run; see npx tidemark backfill status ${text}, or stop it: npx tidemark backfill cancel ${text}`,
      EXIT.usage,
    );
  const id = text.startsWith('ingest/') ? text : `ingest/${text}`;
  if (/^ingest\/[^/\s]+\/\S+$/.test(id)) return id;
  throw new CommandError(
    `"${text}" is not a run; runs are named PIPELINE/KIND-TIME, such as ecommerce/live-2026-01-31T02:00:00Z (list them: npx tidemark status)`,
    EXIT.usage,
  );
}

/** End of the data interval in whole seconds UTC; default now. */
export function parseAt(text: string | undefined, nowMs: number): string {
  if (text === undefined) return toSeconds(new Date(nowMs));
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(at)) return toSeconds(new Date(at));
  throw new CommandError(
    `--at "${text}" is not an instant; use ISO-8601 with a zone, such as 2026-01-31T02:00:00Z`,
    EXIT.usage,
  );
}

export function ingestWorkflowId(pipeline: string, kind: string, at: string): string {
  return `ingest/${pipeline}/${kind}-${at}`;
}

/** The whole number that an option holds, at least `min` (default 0). */
export function parseCount(option: string, text: string, min = 0): number {
  if (/^\d{1,9}$/.test(text)) {
    if (Number(text) >= min) return Number(text);
    throw new CommandError(`${option} ${text} is too small; use ${min} or more`, EXIT.usage);
  }
  throw new CommandError(`${option} "${text}" is not a whole number, such as 20`, EXIT.usage);
}
