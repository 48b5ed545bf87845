import type { DecisionRecord } from './publication.ts';
import type { Stage } from './run.ts';
import { describeFinding, type Finding, type GateAction, type Severity, sortFindings } from './verdict.ts';

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
}

export type DecisionCheck =
  | { readonly ok: true; readonly gate: Gate }
  | { readonly ok: false; readonly refusal: string };

/** Decides whether a decision can be taken; a refusal says why and what to type instead. */
export function checkDecision(
  gates: readonly Gate[],
  action: GateAction,
  request: DecisionRequest,
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
  if (gate.decision) {
    const { action: taken, by, at } = gate.decision;
    return refuse(`gate ${gate.id} is already decided: ${taken} by ${by} at ${at}`);
  }
  if (request.evidenceDigest !== undefined && request.evidenceDigest !== gate.evidenceDigest) {
    return refuse(
      `the evidence is stale: the data was checked again since; look at gate ${gate.id} (evidence ${gate.evidenceDigest.slice(0, 12)}) and decide anew`,
    );
  }
  if (!gate.allowed.includes(action)) {
    return refuse(`${action} is not possible at gate ${gate.id}; possible are ${gate.allowed.join(', ')}`);
  }
  return { ok: true, gate };
}

/** Longest reason; it is shown in alerts and kept in publication and ledger. */
const MAX_REASON = 1_000;

/** Whether a decision says why and by whom; a refusal in words, or null. */
export function checkSignature(request: DecisionRequest): string | null {
  if (typeof request?.reason !== 'string' || request.reason.trim() === '')
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
): Partial<Record<GateAction, string>> {
  const published = ['catalog', 'load', 'reconcile', 'announce'].includes(stage);
  const all: Record<GateAction, string> = {
    approve:
      stage === 'contract'
        ? 'reads every entity of the source whole and goes on, marked as approved'
        : published
          ? 'goes on as it is, marked as approved'
          : 'goes on with this data; the decision is recorded in publication and ledger',
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

const RETRY: Partial<Record<Stage, string>> = {
  plan: 'plans again',
  contract: 'looks at the source again',
  extract: 'extracts again under a new snapshot',
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
      `waiting since ${gate.openedAt} at gate ${gate.id}${gate.evidenceUri ? `, evidence ${gate.evidenceUri}` : ''}`,
    ],
  };
}
