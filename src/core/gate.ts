import type { Deciders } from './definition.ts';
import { personOf } from './person.ts';
import type { DecisionRecord } from './publication.ts';
import type { Stage } from './run.ts';
import { describeFinding, type Finding, type GateAction, type Severity, sortFindings } from './verdict.ts';
import { checkTerms, grantWaivers, type WaiverTerms } from './waiver.ts';

/** A point at which a run waits for a person. */
export interface Gate {
  /** `<stage>-<n>`, n counting the gates of the run at that stage. */
  readonly id: string;
  readonly stage: Stage;
  readonly severity: Severity;
  readonly title: string;
  /** What failed, in words; most severe first. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  readonly allowed: readonly GateAction[];
  /** What each allowed action does here. */
  readonly effects: Readonly<Partial<Record<GateAction, string>>>;
  readonly evidenceUri: string | null;
  readonly evidenceDigest: string;
  /** ISO-8601 UTC. */
  readonly openedAt: string;
  /** Who may decide; absent: anybody. */
  readonly deciders?: readonly string[];
  /** Where two different people have to approve: the first of them, or null while none has. */
  readonly first?: DecisionRecord | null;
  /** Why no waiver can be part of an approval here; absent where one can. */
  readonly unwaivable?: string;
  readonly decision: DecisionRecord | null;
}

/** A decision as a person sends it. */
export interface DecisionRequest {
  /** Gate id; may be left out while just one gate is open, and for `abort`. */
  readonly gate?: string;
  readonly reason: string;
  readonly by: string;
  /** Digest of the evidence that was looked at; refused when the data was checked again since. */
  readonly evidenceDigest?: string;
  /** Answered the same when sent again. */
  readonly requestId?: string;
  /** With `approve`: the failing checks open no gate until then; see docs/operations.md. */
  readonly waiver?: WaiverTerms;
}

export type DecisionCheck =
  | { readonly ok: true; readonly gate: Gate }
  | { readonly ok: false; readonly refusal: string };

/** Decides whether a decision can be taken; a refusal says why and what to type instead. */
export function checkDecision(
  gates: readonly Gate[],
  action: GateAction,
  request: DecisionRequest,
  nowMs: number,
): DecisionCheck {
  const refuse = (refusal: string): DecisionCheck => ({ ok: false, refusal });
  const unsigned = checkSignature(request);
  if (unsigned) return refuse(unsigned);
  const open = gates.filter((gate) => gate.decision === null);
  if (request.gate === undefined && open.length !== 1) {
    return refuse(
      open.length === 0
        ? 'no gate is open'
        : `${open.length} gates are open; name one with --gate: ${open.map((gate) => gate.id).join(', ')}`,
    );
  }
  const gate = request.gate === undefined ? open[0]! : gates.find((each) => each.id === request.gate);
  if (!gate) {
    const known = gates.map((each) => each.id).join(', ');
    return refuse(
      `there is no gate "${request.gate}"; ${known ? `gates of this run: ${known}` : 'this run has opened none'}`,
    );
  }
  if (gate.decision) return refuse(describeDecided(gate.decision));
  if (request.evidenceDigest !== undefined && request.evidenceDigest !== gate.evidenceDigest) {
    return refuse(
      `the evidence is stale: the data was checked again since; look at gate ${gate.id} and decide anew with --evidence ${gate.evidenceDigest}`,
    );
  }
  if (!gate.allowed.includes(action)) {
    return refuse(`${action} is not possible at gate ${gate.id}; possible are ${gate.allowed.join(', ')}`);
  }
  const refusal =
    checkDecider(gate.deciders, request.by) ??
    checkSecond(gate, action, request) ??
    checkWaiver(gate, action, request, nowMs);
  return refusal ? refuse(refusal) : { ok: true, gate };
}

/**
 * How a run that has ended was decided, for somebody who decides too late: its abort, else the decision at the gate that
 * they name, else at its last gate. Null where there is none.
 */
export function describeEarlier(
  gates: readonly Gate[],
  aborted: DecisionRecord | null,
  gateId: string | undefined,
): string | null {
  if (aborted) return describeAborted(aborted);
  const gate = gateId === undefined ? gates.at(-1) : gates.find((each) => each.id === gateId);
  return gate?.decision ? describeDecided(gate.decision) : null;
}

export function describeAborted({ by, at }: DecisionRecord): string {
  return `the run is aborted already, by ${by} at ${at}`;
}

function describeDecided({ gate, action, by, at }: DecisionRecord): string {
  return `gate ${gate} is already decided: ${action} by ${by} at ${at}`;
}

/** Whether somebody is on the list of those who may decide; no list lets anybody. A refusal names the list. */
export function checkDecider(deciders: readonly string[] | undefined, by: string): string | null {
  if (!deciders || deciders.some((each) => personOf(each) === personOf(by))) return null;
  return `${by} may not decide here; ${deciders.join(', ')} may (deciders in the pipeline file, --by names who decides)`;
}

/** Who may decide at gates of any severity: for an abort without a gate. Undefined: anybody. */
export function anyDecider(deciders: Deciders | undefined): string[] | undefined {
  const lists = Object.values(deciders ?? {});
  return lists.length === 0 ? undefined : [...new Set(lists.flat())];
}

function checkSecond(gate: Gate, action: GateAction, request: DecisionRequest): string | null {
  if (action !== 'approve' || !gate.first) return null;
  const { by, at, waiver } = gate.first;
  if (personOf(by) === personOf(request.by))
    return `gate ${gate.id} was approved by ${by} at ${at} already and waits for a second person to approve`;
  if (request.waiver === undefined || waiver === undefined)
    return request.waiver && !waiver
      ? `the first approval, by ${by}, has no waiver; approve without --until, or retry, skip or abort`
      : null;
  const second = grantWaivers(request.waiver, gate.findings);
  return JSON.stringify(second) === JSON.stringify(waiver)
    ? null
    : `the first approval, by ${by}, waives until ${waiver.until} (${waiver.checks.map((each) => `${each.subject}${each.column ? `.${each.column}` : ''} up to ${each.maxUnexpected ?? 'any number of'} rows`).join(', ')}); approve without --until to agree to that, or retry, skip or abort`;
}

function checkWaiver(
  gate: Gate,
  action: GateAction,
  { waiver }: DecisionRequest,
  nowMs: number,
): string | null {
  if (waiver === undefined) return null;
  if (action !== 'approve') return `${action} takes no waiver; leave --until and --max-unexpected out`;
  if (gate.stage !== 'raw' && gate.stage !== 'audit')
    return `nothing can be waived at ${gate.stage}: a waiver is of a failed check of data, at raw or audit; approve without --until`;
  return gate.unwaivable ?? checkTerms(waiver, gate.findings, nowMs);
}

/** The decision that a request makes, which `checkDecision` let pass; null as gate is an abort without one. */
export function makeDecision(
  gate: Gate | null,
  action: GateAction,
  request: DecisionRequest,
  at: string,
): DecisionRecord {
  const first = action === 'approve' && gate?.first ? gate.first : null;
  const waiver = first
    ? first.waiver
    : request.waiver && gate
      ? grantWaivers(request.waiver, gate.findings)
      : undefined;
  return {
    gate: gate?.id ?? 'none',
    action,
    by: request.by,
    reason: request.reason,
    at,
    evidenceDigest: gate?.evidenceDigest ?? '',
    ...(first ? { first: { by: first.by, reason: first.reason, at: first.at } } : {}),
    ...(waiver ? { waiver } : {}),
  };
}

/** What a decision leads to, for the one who took it. */
export function describeNext(gate: Gate, decision: DecisionRecord, isFirst: boolean): string {
  const effect = gate.effects[decision.action] ?? '';
  const waiver = decision.waiver
    ? `; ${decision.waiver.checks.length === 1 ? 'the check opens' : `the ${decision.waiver.checks.length} checks open`} no gate until ${decision.waiver.until} unless more rows fail, from the publication of this run on`
    : '';
  if (!isFirst) return `${effect}${waiver}`;
  const others = gate.deciders?.filter((each) => personOf(each) !== personOf(decision.by));
  return `waiting for a second: another person has to approve${others ? ` (${others.join(', ')})` : ''}; until then the gate stays open. Then: ${effect}${waiver}`;
}

/** Longest reason; it is shown in alerts and kept in publication and ledger. */
const MAX_REASON = 1_000;

/** Whether a decision says why and by whom; a refusal in words, or null. */
export function checkSignature(request: DecisionRequest): string | null {
  if (typeof request !== 'object' || request === null)
    return 'a decision is a JSON object, such as {"gate": "raw-1", "reason": "...", "by": "dana"}';
  for (const field of ['gate', 'evidenceDigest', 'requestId'] as const)
    if (request[field] !== undefined && typeof request[field] !== 'string') return `"${field}" is not a text`;
  if (typeof request.reason !== 'string' || request.reason.trim() === '')
    return 'a reason is missing; add --reason "..."';
  if (request.reason.length > MAX_REASON)
    return `the reason has ${request.reason.length} characters; use at most ${MAX_REASON}`;
  if (typeof request.by !== 'string' || request.by.trim() === '')
    return 'who decides is missing; add --by NAME';
  if (request.by.length > 200) return 'the name of who decides has more than 200 characters';
  return null;
}

/** What each action means, by stage: fixed, so that nobody has to guess at night. */
export function describeEffects(
  stage: Stage,
  allowed: readonly GateAction[],
  subjects: readonly string[],
  findings: readonly Finding[] = [],
): Partial<Record<GateAction, string>> {
  const published = ['catalog', 'load', 'reconcile', 'announce'].includes(stage);
  const all: Record<GateAction, string> = {
    approve:
      stage === 'contract'
        ? approveAtContract(findings)
        : published
          ? 'goes on as it is, marked as approved'
          : `${describeDeletes(findings)}goes on with this data; the decision is recorded in publication and ledger`,
    skip:
      stage === 'raw' && subjects.length > 0
        ? `leaves out ${subjects.join(', ')}: stays on its last good data and has to be read again; the rest goes on`
        : 'leaves this run out: nothing is published, the watermark stays, the next run reads the same changes',
    retry: RETRY[stage] ?? 'repeats the step',
    abort: published
      ? 'ends the run; the publication stands, the next run brings catalog and warehouse up to it'
      : 'ends the run as failed: nothing is published, a running EMR step is cancelled',
  };
  return Object.fromEntries(allowed.map((action) => [action, all[action]]));
}

/** What the plan that was checked does, by what was found. */
/** Rows that an approval deletes, by entity, with a trailing blank; '' when the brake holds nothing. */
function describeDeletes(findings: readonly Finding[]): string {
  const held = findings.filter((each) => each.check === 'delete-brake');
  if (held.length === 0) return '';
  return `deletes ${held.map((each) => `${each.failedCount} rows of ${each.subject}`).join(', ')} and `;
}

function approveAtContract(findings: readonly Finding[]): string {
  const of = (check: string) => [
    ...new Set(
      findings
        .filter((each) => each.severity === 'critical' && each.check === check)
        .map((each) => each.subject),
    ),
  ];
  const [rewound, replaced, drifted] = ['SOURCE_REWOUND', 'RELATION_CHANGED', 'SCHEMA_DRIFT'].map(of);
  const effects = [
    ...(rewound!.length > 0
      ? [`reads every entity of ${rewound!.join(', ')} whole and replaces what the lake has of them`]
      : []),
    ...(replaced!.length > 0 ? [`reads ${replaced!.join(', ')} whole`] : []),
    ...(drifted!.length > 0
      ? [
          `goes on with the contract of ${drifted!.join(', ')}: a missing column is NULL in the rows that its line names, values that do not fit go to quarantine`,
        ]
      : []),
  ];
  return `${effects.length > 0 ? effects.join('; ') : 'goes on'}, marked as approved`;
}

const RETRY: Partial<Record<Stage, string>> = {
  plan: 'plans again',
  contract: 'looks at the source again',
  extract: 'looks at the source again and extracts under a new snapshot',
  raw: 'extracts again under a new snapshot and checks that',
  clean: 'cleans and models again',
  model: 'cleans and models again',
  audit: 'cleans and models again and checks that',
  publish: 'cleans and models again and publishes that',
  catalog: 'syncs the catalog again',
  load: 'loads again',
  reconcile: 'syncs catalog and warehouse and compares again',
};

/** Title and lines of the alert that opens a gate: what, where, how many, since when. */
export function describeGate(gate: Gate, pipeline: string): { title: string; lines: string[] } {
  const more = gate.findingCount - gate.findings.length;
  return {
    title: `${pipeline}: ${gate.title}`,
    lines: [
      ...sortFindings(gate.findings).slice(0, 5).map(describeFinding),
      ...(more > 0 || gate.findings.length > 5
        ? [`and ${gate.findingCount - Math.min(gate.findings.length, 5)} more`]
        : []),
      ...(gate.deciders || gate.first !== undefined ? [describeDeciders(gate)] : []),
      `waiting since ${gate.openedAt} at gate ${gate.id}${gate.evidenceUri ? `, evidence ${gate.evidenceUri}` : ''}`,
    ],
  };
}

/** Who is waited for, in words. */
export function describeDeciders({ deciders, first }: Pick<Gate, 'deciders' | 'first'>): string {
  const who = `may decide: ${deciders?.join(', ') ?? 'anybody'}`;
  if (first === undefined) return who;
  return first === null
    ? `${who}; two different people have to approve`
    : `${who}; ${first.by} has approved, a second person has to`;
}
