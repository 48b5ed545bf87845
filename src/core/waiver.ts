import type { Finding, WaivedFinding } from './verdict.ts';

/** What makes a failed check the same one again: the check, its arguments, and where it looks. */
interface WaivedCheck {
  readonly check: string;
  readonly subject: string;
  readonly column: string | null;
  /** Arguments of the check in words; null when it has none. A check whose arguments change is another check. */
  readonly rule: string | null;
}

/** How an approval waives what it approved: until when, and up to how many failing rows. */
export interface WaiverTerms {
  /** ISO-8601 UTC; the waiver holds before this instant. */
  readonly until: string;
  /** Failing rows up to which it holds; default: as many as failed when it was given. */
  readonly maxUnexpected?: number;
}

/** What an approval waives, as part of the decision; it becomes a waiver with the publication of that run. */
export interface WaiverGrant {
  readonly until: string;
  readonly checks: readonly (WaivedCheck & {
    /** Null for a check that is not by row: it holds whatever is found. */
    readonly maxUnexpected: number | null;
  })[];
}

/** A known failure that opens no gate until it expires or grows; kept in the publication. */
export interface Waiver extends WaivedCheck {
  /** `<run key>/<n>`, n counting what that run's approvals waived. */
  readonly id: string;
  readonly until: string;
  readonly maxUnexpected: number | null;
  readonly by: string;
  readonly reason: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly revoked?: { readonly by: string; readonly reason: string; readonly at: string };
}

/** Longest time that a waiver may hold. */
const MAX_DAYS = 366;

/** Decides whether terms make sense for what failed; a refusal in words, or null. */
export function checkTerms(terms: WaiverTerms, findings: readonly Finding[], nowMs: number): string | null {
  const untilMs = typeof terms?.until === 'string' ? Date.parse(terms.until) : Number.NaN;
  if (Number.isNaN(untilMs))
    return 'a waiver needs an end; add --until DATE or DURATION, such as --until 2026-03-31 or --until P14D';
  if (!/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(terms.until))
    return `the waiver's end "${terms.until}" is not an instant in UTC, such as 2026-03-31T00:00:00Z`;
  if (untilMs <= nowMs) return `the waiver would end at ${terms.until}, which has passed`;
  if (untilMs - nowMs > MAX_DAYS * 86_400_000)
    return `the waiver would end at ${terms.until}; the longest is ${MAX_DAYS} days: correct the check instead`;
  const max = terms.maxUnexpected;
  if (max === undefined) return null;
  if (typeof max !== 'number' || !Number.isInteger(max) || max < 0)
    return `--max-unexpected ${JSON.stringify(max)} is not a whole number`;
  const worst = Math.max(...critical(findings).map((each) => each.failedCount ?? 0));
  return worst > max
    ? `--max-unexpected ${max} is less than what fails already (${worst} rows); the waiver would not hold`
    : null;
}

/** Rows that are gone from the source: each approval deletes those it shows, so the next failure is never the same. */
const UNWAIVABLE = 'delete-brake';

/** Why what failed cannot be waived, in words; null where it can. */
export function whyNotWaivable(findings: readonly Finding[]): string | null {
  const held = critical(findings).filter((each) => each.check === UNWAIVABLE);
  if (held.length === 0) return null;
  const subjects = held.map((each) => each.subject).join(', ');
  return `the delete brake of ${subjects} cannot be waived: an approval deletes the rows that it shows, and later ones are other rows; approve without --until, and raise maxShare or maxCount of its \`deletes\` where that many are usual`;
}

/** What an approval with these terms waives: each critical finding of the gate. */
export function grantWaivers(terms: WaiverTerms, findings: readonly Finding[]): WaiverGrant {
  return {
    until: new Date(Date.parse(terms.until)).toISOString(),
    checks: critical(findings).map((each) => ({
      ...identify(each),
      maxUnexpected: each.failedCount === null ? null : (terms.maxUnexpected ?? each.failedCount),
    })),
  };
}

/**
 * Sorts findings into those that count and those that a waiver lets pass. One that is known but has grown, or
 * whose waiver has ended, says so in its message. Warnings and infos are left alone: they hold nothing.
 */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  at: string,
): { findings: Finding[]; waived: WaivedFinding[] } {
  const counting: Finding[] = [];
  const waived: WaivedFinding[] = [];
  for (const finding of findings) {
    const canPass = finding.severity === 'critical' && finding.check !== UNWAIVABLE;
    const waiver = canPass ? waivers.find((each) => isSame(each, finding)) : undefined;
    const problem = waiver ? whyNot(waiver, finding, at) : null;
    if (!waiver) counting.push(finding);
    else if (problem) counting.push({ ...finding, message: `${finding.message}; ${problem}` });
    else {
      const { id, until, maxUnexpected, by } = waiver;
      waived.push({ finding, waiver: { id, until, maxUnexpected, by } });
    }
  }
  return { findings: counting, waived };
}

/** Days for which an ended waiver is still listed. */
const KEEP_ENDED_DAYS = 30;

/** The waivers of the next publication: those of the one before, with what the run's approvals granted in their place. */
export function nextWaivers(
  before: readonly Waiver[],
  runKey: string,
  decisions: readonly {
    readonly by: string;
    readonly reason: string;
    readonly at: string;
    readonly waiver?: WaiverGrant;
  }[],
  publishedAt: string,
): Waiver[] {
  const granted = decisions
    .flatMap(({ by, reason, at, waiver }) =>
      (waiver?.checks ?? []).map((each) => ({ ...each, until: waiver!.until, by, reason, at })),
    )
    .map((each, index): Waiver => ({ id: `${runKey}/${index + 1}`, ...each }));
  const latest = granted.filter(
    (each, index) => !granted.slice(index + 1).some((later) => isSame(later, each)),
  );
  const horizon = Date.parse(publishedAt) - KEEP_ENDED_DAYS * 86_400_000;
  const kept = before.filter(
    (each) => Date.parse(each.until) > horizon && !latest.some((later) => isSame(later, each)),
  );
  return [...kept, ...latest];
}

/** Whether a waiver still lets its failure pass. */
export function isInForce(waiver: Waiver, at: string): boolean {
  return !waiver.revoked && Date.parse(waiver.until) > Date.parse(at);
}

function whyNot(waiver: Waiver, finding: Finding, at: string): string | null {
  if (waiver.revoked) return `its waiver was revoked by ${waiver.revoked.by} at ${waiver.revoked.at}`;
  if (Date.parse(waiver.until) <= Date.parse(at))
    return `its waiver by ${waiver.by} ended at ${waiver.until}`;
  if (waiver.maxUnexpected === null) return null;
  if (finding.failedCount !== null && finding.failedCount <= waiver.maxUnexpected) return null;
  return `beyond the ${waiver.maxUnexpected} rows that ${waiver.by} waived until ${waiver.until}`;
}

function identify(finding: Finding): WaivedCheck {
  const { check, subject, column, rule } = finding;
  return { check, subject, column, rule: rule ?? null };
}

function isSame(a: WaivedCheck, b: Omit<WaivedCheck, 'rule'> & { readonly rule?: string | null }): boolean {
  return (
    a.check === b.check &&
    a.subject === b.subject &&
    a.column === b.column &&
    (a.rule ?? null) === (b.rule ?? null)
  );
}

function critical(findings: readonly Finding[]): Finding[] {
  return findings.filter((each) => each.severity === 'critical');
}

/** The waivers with one revoked; refused when it is unknown or revoked already. */
export function revokeWaiver(
  waivers: readonly Waiver[],
  id: string,
  revoked: NonNullable<Waiver['revoked']>,
): { readonly waivers: Waiver[] } | { readonly refusal: string } {
  const waiver = waivers.find((each) => each.id === id);
  if (!waiver) {
    const known = waivers.filter((each) => !each.revoked).map((each) => each.id);
    return {
      refusal: `there is no waiver "${id}"; ${known.length > 0 ? `waivers are ${known.join(', ')}` : 'nothing is waived'}`,
    };
  }
  if (waiver.revoked)
    return { refusal: `waiver ${id} was revoked by ${waiver.revoked.by} at ${waiver.revoked.at} already` };
  return { waivers: waivers.map((each) => (each === waiver ? { ...each, revoked } : each)) };
}
