import type { Finding } from './verdict.ts';

/** What one place says of a table: rows, and sums of measures as decimal text. */
export interface PlaceTotals {
  readonly place: 'source' | 'lake' | 'spectrum' | 'native';
  readonly rowCount: number;
  readonly sums: Readonly<Record<string, string | null>>;
}

export interface Comparison {
  readonly subject: string;
  readonly places: readonly PlaceTotals[];
  /** Whether the lake may rightly hold rows that the source has deleted: its deletions are not followed in this run. */
  readonly mayHoldDeleted?: boolean;
}

/** Findings where places differ; each names the two places and by how much. Money is compared to the cent, as text. */
export function compareTotals({ subject, places, mayHoldDeleted = false }: Comparison): Finding[] {
  const findings: Finding[] = [];
  const [first, ...others] = places;
  if (!first) return findings;
  // Where deletions are not followed, such rows stay until a full read; that is told, it does not hold a run.
  const hasDeleted = (other: PlaceTotals) => mayHoldDeleted && other.rowCount > first.rowCount;
  const differ = (other: PlaceTotals, column: string | null, message: string): Finding => ({
    check: 'reconcile',
    severity: hasDeleted(other) ? 'warning' : 'critical',
    subject,
    column,
    message: hasDeleted(other)
      ? `${message}; rows deleted at the source stay until an audit (tidemark reconcile), a run of --kind full, or a definition with deletes: reconcile`
      : message,
    rowCount: null,
    failedCount: null,
    sampleKeys: [],
  });
  for (const other of others) {
    if (other.rowCount !== first.rowCount)
      findings.push(
        differ(
          other,
          null,
          `${first.place} has ${first.rowCount} rows, ${other.place} has ${other.rowCount}`,
        ),
      );
    for (const [measure, sum] of Object.entries(first.sums)) {
      if (!(measure in other.sums)) continue;
      const [a, b] = [canonicalDecimal(sum), canonicalDecimal(other.sums[measure] ?? null)];
      if (a !== b)
        findings.push(differ(other, measure, `sum is ${a} in ${first.place}, ${b} in ${other.place}`));
    }
  }
  return findings;
}

/** `1.50`, `1.5` and `+1.5` are equal; a sum of no rows is 0. */
export function canonicalDecimal(text: string | null): string {
  if (text === null) return '0';
  const match = /^([+-]?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(text.trim());
  if (!match) return text;
  const whole = match[2]!.replace(/^0+(?=\d)/, '');
  const digits = match[3] ? `${whole}.${match[3]}` : whole;
  return match[1] === '-' && digits !== '0' ? `-${digits}` : digits;
}
