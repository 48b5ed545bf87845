/** What a check found; a verdict is returned to the workflow, never thrown. No row data in any field. */
export interface Finding {
  /** What was checked, such as `expect_column_values_to_be_between(total_price)` or `contract`. */
  readonly check: string;
  readonly severity: Severity;
  /** Entity or model. */
  readonly subject: string;
  /** Column, when the check is of one. */
  readonly column: string | null;
  /** Arguments of the check in words, without counts; at most 300 characters. Tells two checks of one kind on one column apart. */
  readonly rule?: string;
  /** Expected against observed, in words; values of columns with a PII class are masked. */
  readonly message: string;
  /** Rows that the check is of, and how many of them fail; null where a check is not by row. */
  readonly rowCount: number | null;
  readonly failedCount: number | null;
  /** Key values of failing rows when the key is no personal data, for looking them up at the source; at most 5. */
  readonly sampleKeys: readonly string[];
}

export type Severity = 'critical' | 'warning' | 'info';

export interface Verdict {
  /** Where the full results are. */
  readonly evidenceUri: string;
  /** Digest of what was checked and found; a decision is bound to it. */
  readonly evidenceDigest: string;
  /** Failed checks, most severe first, at most 20; `findingCount` counts all. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  readonly checkCount: number;
  /** Critical findings that a waiver lets pass; they are in none of the counts above. Absent means none. */
  readonly waived?: readonly WaivedFinding[];
  /** Actions that make sense here; the gate offers no other. */
  readonly allowed: readonly GateAction[];
}

/** A critical finding that a waiver of that id lets pass. */
export interface WaivedFinding {
  readonly finding: Finding;
  readonly waiver: {
    readonly id: string;
    /** ISO-8601 UTC. */
    readonly until: string;
    /** Null: however much is found. */
    readonly maxUnexpected: number | null;
    readonly by: string;
  };
}

export type GateAction = 'approve' | 'skip' | 'retry' | 'abort';

const RANK: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };

/** Most severe first, then most failing rows. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) => RANK[a.severity] - RANK[b.severity] || (b.failedCount ?? 0) - (a.failedCount ?? 0),
  );
}

export function worstSeverity(findings: readonly Finding[]): Severity | null {
  return sortFindings(findings)[0]?.severity ?? null;
}

/** One line for a person: what, where, how many. */
export function describeFinding(finding: Finding): string {
  const where = finding.column ? `${finding.subject}.${finding.column}` : finding.subject;
  const keys =
    finding.sampleKeys.length > 0
      ? ` (keys ${finding.sampleKeys.join(', ')}${(finding.failedCount ?? 0) > finding.sampleKeys.length ? ', ...' : ''})`
      : '';
  return `${finding.severity}: ${where}: ${finding.message}${keys}`;
}

/** One line for a person: what passes, up to how many rows, until when. */
export function describeWaived({ finding, waiver }: WaivedFinding): string {
  const where = finding.column ? `${finding.subject}.${finding.column}` : finding.subject;
  const limit = waiver.maxUnexpected === null ? '' : ` up to ${waiver.maxUnexpected} rows`;
  return `waived${limit} until ${waiver.until} by ${waiver.by}: ${where}: ${finding.message}`;
}
