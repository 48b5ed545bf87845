import { CommandError, EXIT } from './output.ts';
import { toSeconds } from './table.ts';

const UNIT_MS = { H: 3_600_000, D: 86_400_000, W: 604_800_000 } as const;

/**
 * The instant at which a waiver ends: a date holds through its last second in UTC, an instant until then, a duration
 * (`P14D`, `PT12H`, `P2W`, or `14d`, `12h`, `2w`) from now.
 */
export function parseUntil(text: string, nowMs: number): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const startMs = Date.parse(`${text}T00:00:00Z`);
    if (!Number.isNaN(startMs) && toSeconds(new Date(startMs)).startsWith(text))
      return toSeconds(new Date(startMs + UNIT_MS.D));
  }
  if (/^\d{4}-\d{2}-\d{2}T.+(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text)))
    return toSeconds(new Date(text));
  const duration = /^(?:P(\d{1,4})([DW])|PT(\d{1,4})(H)|(\d{1,4})([dhw]))$/.exec(text);
  if (duration) {
    const count = Number(duration[1] ?? duration[3] ?? duration[5]);
    const unit = (duration[2] ?? duration[4] ?? duration[6])!.toUpperCase() as keyof typeof UNIT_MS;
    return toSeconds(new Date(nowMs + count * UNIT_MS[unit]));
  }
  throw new CommandError(
    `--until "${text}" is neither a date, an instant nor a duration; use 2026-03-31, 2026-03-31T12:00:00Z, P14D or PT12H`,
    EXIT.usage,
  );
}
