import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  isCancellation,
  log,
  patched,
  setHandler,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { Deciders } from '../src/core/definition.ts';
import {
  anyDecider,
  checkDecider,
  checkDecision,
  checkSignature,
  type DecisionRequest,
  describeAborted,
  describeEffects,
  describeGate,
  describeNext,
  type Gate,
  makeDecision,
} from '../src/core/gate.ts';
import type { DecisionRecord } from '../src/core/publication.ts';
import type { Stage } from '../src/core/run.ts';
import {
  type Finding,
  type GateAction,
  type Severity,
  type Verdict,
  worstSeverity,
} from '../src/core/verdict.ts';
import { whyNotWaivable } from '../src/core/waiver.ts';
import type { Alert } from '../src/ports/alerts.ts';
import {
  abortSignal,
  abortUpdate,
  approveSignal,
  approveUpdate,
  type DecisionAnswer,
  type RefusedSignal,
  retrySignal,
  retryUpdate,
  skipSignal,
  skipUpdate,
} from './messages.ts';

export interface GatekeeperOptions {
  readonly pipeline: string;
  readonly runKey: string;
  readonly sendAlert: (alert: Alert) => Promise<void>;
  /** Told when a run begins to wait and when it goes on. */
  readonly onChange: (open: Gate | null) => void;
  /** Told when a signal was refused. */
  readonly onRefused: () => void;
  /** Whether an abort without a gate can still be honoured; text says why not. */
  readonly refuseAbort: () => string | null;
  readonly onAbort: () => void;
  /** Minutes after which a waiting gate is alerted again; after the last it goes on waiting. It never approves. */
  escalateAfterMinutes: readonly number[];
  /** Who may decide, by severity; default anybody. */
  deciders: Deciders;
  /** Stages at whose gates two people have to approve. */
  secondApproval: readonly string[];
}

/** How many refused signals are remembered; nobody else tells their sender. */
const KEPT_REFUSALS = 10;

/** Opens gates, takes decisions by update and signal, and keeps the record of both. */
export class Gatekeeper {
  readonly gates: Gate[] = [];
  /** The decision that ended the run, once there is one. */
  aborted: DecisionRecord | null = null;
  /** The last signals that were refused, oldest first. */
  refused: RefusedSignal[] = [];
  private readonly answers = new Map<string, DecisionAnswer>();
  readonly options: GatekeeperOptions;

  constructor(options: GatekeeperOptions) {
    this.options = options;
  }

  /** Takes decisions from now on; what was sent before is heard at once. */
  listen(): void {
    const pairs = [
      ['approve', approveUpdate, approveSignal],
      ['skip', skipUpdate, skipSignal],
      ['retry', retryUpdate, retrySignal],
      ['abort', abortUpdate, abortSignal],
    ] as const;
    for (const [action, update, signal] of pairs) {
      setHandler(update, (request) => this.decide(action, request), {
        validator: (request) => {
          if (this.repeated(action, request)) return;
          const refusal = this.refusalOf(action, request);
          if (refusal) throw ApplicationFailure.nonRetryable(refusal, 'DecisionRefused');
        },
      });
      setHandler(signal, (request) => {
        if (this.repeated(action, request)) return;
        const refusal = this.refusalOf(action, request);
        if (refusal === null) return void this.decide(action, request);
        log.warn(`signal ${action} refused: ${refusal}`);
        const by = typeof request?.by === 'string' ? oneLine(request.by) : null;
        const entry = { action, by, refusal: oneLine(refusal), at: new Date().toISOString() };
        this.refused = [...this.refused, entry].slice(-KEPT_REFUSALS);
        this.options.onRefused();
      });
    }
  }

  get decisions(): DecisionRecord[] {
    return this.gates.flatMap((gate) => (gate.decision ? [gate.decision] : []));
  }

  /** Opens a gate and waits, however long, for its decision. Alerts again by the escalation times. */
  async open(
    draft: Pick<
      Gate,
      | 'stage'
      | 'severity'
      | 'title'
      | 'findings'
      | 'findingCount'
      | 'allowed'
      | 'evidenceUri'
      | 'evidenceDigest'
    >,
  ) {
    const nth = this.gates.filter((gate) => gate.stage === draft.stage).length + 1;
    const subjects = [
      ...new Set(draft.findings.filter((each) => each.severity === 'critical').map((each) => each.subject)),
    ];
    const deciders = this.options.deciders[draft.severity];
    const needsSecond =
      draft.allowed.includes('approve') && this.options.secondApproval.includes(draft.stage);
    const unwaivable = whyNotWaivable(draft.findings);
    const gate: Gate = {
      ...draft,
      id: `${draft.stage}-${nth}`,
      effects: describeEffects(draft.stage, draft.allowed, subjects, draft.findings),
      openedAt: new Date().toISOString(),
      ...(deciders ? { deciders } : {}),
      ...(needsSecond ? { first: null } : {}),
      ...(unwaivable && patched('deletes-are-not-waived') ? { unwaivable } : {}),
      decision: null,
    };
    const index = this.gates.push(gate) - 1;
    const decision = () => this.gates[index]!.decision;
    this.options.onChange(gate);
    await this.tell('gate-opened', gate);
    for (const minutes of this.options.escalateAfterMinutes) {
      const options = { summary: `reminder of gate ${gate.id}` };
      if (await condition(() => decision() !== null, minutes * 60_000, options)) break;
      await this.tell('gate-reminder', this.gates[index]!);
    }
    await condition(() => decision() !== null);
    this.options.onChange(null);
    await this.tell('gate-decided', this.gates[index]!);
    return decision()!;
  }

  private repeated(action: GateAction, request: DecisionRequest): DecisionAnswer | undefined {
    return request?.requestId === undefined ? undefined : this.answers.get(`${action}/${request.requestId}`);
  }

  private refusalOf(action: GateAction, request: DecisionRequest): string | null {
    if (this.aborted) return describeAborted(this.aborted);
    const isFreeAbort =
      action === 'abort' && request?.gate === undefined && this.gates.every((gate) => gate.decision !== null);
    if (!isFreeAbort) {
      const check = checkDecision(this.gates, action, request, Date.now());
      return check.ok ? null : check.refusal;
    }
    return (
      checkSignature(request) ??
      checkDecider(anyDecider(this.options.deciders), request.by) ??
      this.options.refuseAbort()
    );
  }

  private decide(action: GateAction, request: DecisionRequest): DecisionAnswer {
    const before = this.repeated(action, request);
    if (before) return before;
    const check = checkDecision(this.gates, action, request, Date.now());
    const gate = check.ok ? check.gate : null;
    const decision = makeDecision(gate, action, request, new Date().toISOString());
    const isFirst = action === 'approve' && gate?.first === null;
    if (gate) {
      const changed = isFirst ? { ...gate, first: decision } : { ...gate, decision };
      this.gates[this.gates.indexOf(gate)] = changed;
      if (isFirst) {
        this.options.onChange(changed);
        void this.tell('gate-needs-second', changed);
      }
    }
    const answer = {
      decision,
      next: gate ? describeNext(gate, decision, isFirst) : ABORTED,
      ...(isFirst ? { waitsForSecond: true } : {}),
    };
    if (request.requestId !== undefined) this.answers.set(`${action}/${request.requestId}`, answer);
    if (action === 'abort') {
      this.aborted = decision;
      this.options.onAbort();
    }
    return answer;
  }

  private async tell(
    kind: 'gate-opened' | 'gate-reminder' | 'gate-needs-second' | 'gate-decided',
    gate: Gate,
  ): Promise<void> {
    const { workflowId } = workflowInfo();
    const { title, lines } = describeGate(gate, this.options.pipeline);
    const decided = gate.decision;
    await this.options.sendAlert({
      kind,
      dedupKey: `${workflowId}/${gate.id}`,
      severity: decided ? 'info' : gate.severity,
      pipeline: this.options.pipeline,
      runKey: this.options.runKey,
      workflowId,
      title: decided
        ? `${title}: ${decided.action} by ${decided.first ? `${decided.first.by} and ${decided.by}` : decided.by}`
        : `${TITLES[kind] ?? ''}${title}`,
      lines: decided ? [`reason: ${decided.reason}`, `next: ${describeNext(gate, decided, false)}`] : lines,
      commands: decided
        ? []
        : gate.allowed.map((action) => ({
            command: `npx tidemark ${action} ${workflowId} --gate ${gate.id} --reason "..."`,
            effect: gate.effects[action] ?? '',
          })),
      at: new Date().toISOString(),
    });
  }
}

/** Whoever reaches Temporal can send a signal, and a refusal quotes it: it must not look like lines of ours. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 400);
}

const ABORTED = 'ends the run as failed: nothing is published, a running EMR step is cancelled';

const TITLES: Readonly<Record<string, string>> = {
  'gate-reminder': 'still waiting: ',
  'gate-needs-second': 'a second person has to approve: ',
};

/**
 * What a gate shows when a step failed for good. It is critical when the error does not pass by itself, and a warning
 * when it may, but its tries are used up: nothing about the data is decided there.
 */
export function gateOfError(stage: Stage, error: unknown, allowed: readonly GateAction[]) {
  const { code, message, mayPass } = describeFailure(error);
  const severity: Severity = mayPass && patched('severity-of-failed-steps') ? 'warning' : 'critical';
  const finding: Finding = {
    check: code,
    severity,
    subject: stage,
    column: null,
    message,
    rowCount: null,
    failedCount: null,
    sampleKeys: [],
  };
  return {
    stage,
    severity,
    title: `${stage} failed: ${code}`,
    findings: [finding],
    findingCount: 1,
    allowed,
    evidenceUri: null,
    evidenceDigest: `${code}/${workflowInfo().historyLength}`,
  };
}

export function gateOfVerdict(stage: Stage, verdict: Verdict) {
  const failing = verdict.findings.filter((each) => each.severity === 'critical');
  return {
    stage,
    severity: worstSeverity(verdict.findings) ?? 'critical',
    title: `${failing.length} critical ${failing.length === 1 ? 'check' : 'checks'} failed at ${stage}${verdict.checkCount >= failing.length ? ` (of ${verdict.checkCount})` : ''}`,
    findings: verdict.findings,
    findingCount: verdict.findingCount,
    allowed: verdict.allowed,
    evidenceUri: verdict.evidenceUri,
    evidenceDigest: verdict.evidenceDigest,
  };
}

function describeFailure(error: unknown): { code: string; message: string; mayPass: boolean } {
  if (isCancellation(error)) return { code: 'CANCELLED', message: 'the step was cancelled', mayPass: false };
  if (!(error instanceof ActivityFailure)) throw error;
  const cause = error.cause;
  if (cause instanceof ApplicationFailure)
    return { code: cause.type ?? 'UNKNOWN', message: cause.message, mayPass: !cause.nonRetryable };
  if (cause instanceof TimeoutFailure) {
    return {
      code: `TIMED_OUT_${cause.timeoutType}`,
      message: `${error.activityType} gave no sign of life in time (${cause.timeoutType}); is a worker running?`,
      mayPass: true,
    };
  }
  return { code: 'UNKNOWN', message: cause?.message ?? error.message, mayPass: false };
}
