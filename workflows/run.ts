import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  patched,
  setCurrentDetails,
  setHandler,
  TemporalFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { describeDeciders, type Gate } from '../src/core/gate.ts';
import { makeRunKey } from '../src/core/layout.ts';
import type { DecisionRecord } from '../src/core/publication.ts';
import type { ComparedEntity, IngestInput, Stage } from '../src/core/run.ts';
import {
  describeFinding,
  describeWaived,
  type GateAction,
  type Verdict,
  type WaivedFinding,
  worstSeverity,
} from '../src/core/verdict.ts';
import type { Alert } from '../src/ports/alerts.ts';
import { startAlert } from './alert.ts';
import { Gatekeeper, gateOfError, gateOfVerdict } from './gate.ts';
import { type RunStatus, statusQuery } from './messages.ts';
import { type Proxies, patient, proxiesFor } from './proxies.ts';
import {
  intervalKey,
  pipelineKey,
  runKindKey,
  scheduledStartTimeKey,
  stateKey,
  waitingForKey,
  waitingSinceKey,
} from './search-attributes.ts';

/** Thrown where a decision leaves the whole run out. */
export class RunSkipped extends Error {}

/** Thrown where a person wants a failed step tried again, and it has to start from an earlier one. */
export class StepRetried extends Error {}

/** What every stage of a run shares: its key, its gates, and what people see of it. */
export class Run {
  readonly runKey: string;
  readonly at: string;
  readonly gatekeeper: Gatekeeper;
  extracted: Record<string, number> = {};
  /** By entity that was compared with the lake. */
  compared: Record<string, ComparedEntity> = {};
  sequence: number | null = null;
  /** Extracts so far; each has a generation of its own. */
  extractCount = 0;
  /** Decisions of earlier runs on the data that this one publishes. */
  earlierDecisions: readonly DecisionRecord[] = [];
  /** Told of each change of state. */
  onState: (state: RunStatus['state']) => void = () => undefined;
  /** Failures of this run that waivers let pass. */
  waived: readonly WaivedFinding[] = [];
  /** Alerts go out by workflows of their own; runs that began under an older version send them themselves. */
  readonly isAlertSentApart = patched('alerts-apart');
  private alertCount = 0;
  private state: RunStatus['state'] = 'running';
  private openGate: Gate | null = null;
  private stage: Stage = 'plan';
  private since = new Date().toISOString();
  private proxies: Proxies | null = null;
  private hasWaited = false;
  private readonly scope = new CancellationScope();
  private readonly input: IngestInput;

  constructor(input: IngestInput) {
    this.input = input;
    const info = workflowInfo();
    const scheduled = info.typedSearchAttributes.get(scheduledStartTimeKey);
    this.at = input.at ?? (scheduled ?? info.startTime).toISOString();
    this.runKey = makeRunKey(input.kind, this.at, info.runId);
    this.gatekeeper = new Gatekeeper({
      pipeline: input.pipeline,
      runKey: this.runKey,
      sendAlert: (alert) => this.sendAlert(alert),
      onChange: (gate) => this.show(gate ? 'waiting' : 'running', gate),
      onRefused: () => this.showDetails(),
      refuseAbort: () => {
        if (this.sequence !== null) return `the run has published already (publication ${this.sequence})`;
        return this.stage === 'publish' && this.state === 'running'
          ? 'the run is publishing at this moment'
          : null;
      },
      onAbort: () => this.scope.cancel(),
      escalateAfterMinutes: [],
      deciders: {},
      secondApproval: [],
    });
    this.gatekeeper.listen();
    setHandler(statusQuery, () => ({
      runKey: this.runKey,
      state: this.state,
      stage: this.stage,
      since: this.since,
      gates: this.gatekeeper.gates,
      aborted: this.gatekeeper.aborted,
      refused: this.gatekeeper.refused,
      waived: this.waived,
      extracted: this.extracted,
      sequence: this.sequence,
    }));
    upsertSearchAttributes([
      { key: pipelineKey, value: input.pipeline },
      { key: runKindKey, value: input.kind },
      { key: intervalKey, value: new Date(this.at) },
    ]);
    this.show('running', null);
  }

  get act(): Proxies {
    if (!this.proxies) throw new Error('the pipeline is not described yet');
    return this.proxies;
  }

  /** Tells every activity which run it works for. */
  get scopeOfRun() {
    const { pipeline, kind, window, windows, range, ranges, onlyEntities, audit } = this.input;
    return { pipeline, kind, window, windows, range, ranges, onlyEntities, audit, runKey: this.runKey };
  }

  /** Everything that was decided on the run's data. */
  get decisions(): DecisionRecord[] {
    return [...this.earlierDecisions, ...this.gatekeeper.decisions];
  }

  /** Runs the story to its end (`success`, skipped, or failed by abort); people are told of each. */
  async tell<T>(
    story: () => Promise<T>,
    onSkip: () => T,
    success: 'published' | 'extracted' = 'published',
  ): Promise<T> {
    try {
      return await this.scope.run(async () => {
        const described = await patient.describePipeline({ pipeline: this.input.pipeline });
        this.proxies = proxiesFor(described.retry);
        Object.assign(this.gatekeeper.options, {
          escalateAfterMinutes: described.escalateAfterMinutes,
          deciders: described.deciders ?? {},
          secondApproval: described.secondApproval ?? [],
        });
        const result = await story();
        this.show(success, null);
        return result;
      });
    } catch (error) {
      const aborted = this.gatekeeper.aborted;
      if (error instanceof RunSkipped) {
        this.show('skipped', null);
        await this.announceEnd(
          'run-skipped',
          'left out by decision; nothing is published, the watermark stays',
        );
        return onSkip();
      }
      if (!aborted && !isCancellation(error)) {
        this.show('failed', null);
        // Anything else is a bug, which parks the run: fixed code goes on with it.
        if (this.isAlertSentApart && error instanceof TemporalFailure)
          await this.announceEnd('run-failed', describeEnd(error, this.input.pipeline));
        throw error;
      }
      this.show('aborted', null);
      const stands =
        this.sequence === null
          ? ''
          : `; publication ${this.sequence} stands, the next run brings catalog and warehouse up to it`;
      const why = `${aborted ? `aborted by ${aborted.by}: ${aborted.reason}` : 'cancelled'}${stands}`;
      await CancellationScope.nonCancellable(() => this.announceEnd('run-aborted', why));
      throw ApplicationFailure.nonRetryable(`run ${this.runKey} ${why}`, 'RunAborted');
    }
  }

  /**
   * Does one step; when it fails for good, a person decides whether it is tried again: by itself, or, with
   * `restarts`, from an earlier step by throwing `StepRetried`.
   */
  async step<T>(stage: Stage, work: () => Promise<T>, restarts: () => boolean = () => false): Promise<T> {
    this.enter(stage);
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (isCancellation(error)) throw error;
        const allowed: GateAction[] =
          this.sequence === null ? ['retry', 'skip', 'abort'] : ['retry', 'abort'];
        const { action } = await this.gatekeeper.open(gateOfError(stage, error, allowed));
        if (action === 'skip') throw new RunSkipped(stage);
        if (restarts()) throw new StepRetried(stage);
      }
    }
  }

  /** Lets a verdict pass, or waits for the decision on it; null when nothing critical was found. */
  async judge(stage: Stage, verdict: Verdict): Promise<DecisionRecord | null> {
    if (verdict.waived?.length) this.keepWaived(verdict.waived);
    const severity = worstSeverity(verdict.findings);
    if (severity === 'warning') await this.warn(stage, verdict);
    if (severity !== 'critical') return null;
    return await this.gatekeeper.open(gateOfVerdict(stage, verdict));
  }

  /** A stage that is done again finds the same once more. */
  private keepWaived(found: readonly WaivedFinding[]): void {
    const ids = found.map(({ waiver }) => waiver.id);
    this.waived = [...this.waived.filter(({ waiver }) => !ids.includes(waiver.id)), ...found];
  }

  private enter(stage: Stage): void {
    this.stage = stage;
    this.since = new Date().toISOString();
    this.show('running', null);
  }

  private show(state: RunStatus['state'], gate: Gate | null): void {
    this.state = state;
    this.openGate = gate;
    this.onState(state);
    upsertSearchAttributes([
      { key: stateKey, value: state },
      { key: waitingForKey, value: gate?.id ?? null },
      ...(this.hasWaited || gate
        ? [{ key: waitingSinceKey, value: gate ? new Date(gate.openedAt) : null }]
        : []),
    ]);
    if (gate) this.hasWaited = true;
    this.showDetails();
  }

  /** What Temporal's UI shows of the run; no event of its history. */
  private showDetails(): void {
    const gate = this.openGate;
    const lines = [`**${this.state}** at ${this.stage} since ${this.since}`, `run ${this.runKey}`];
    if (gate)
      lines.push(
        `waits at gate **${gate.id}** since ${gate.openedAt}: ${gate.title}`,
        ...gate.findings.slice(0, 5).map((each) => `- ${describeFinding(each)}`),
        describeDeciders(gate),
        ...gate.allowed.map(
          (action) =>
            `- \`npx tidemark ${action} ${workflowInfo().workflowId} --gate ${gate.id} --reason "..."\` ${gate.effects[action] ?? ''}`,
        ),
      );
    for (const [entity, rows] of Object.entries(this.extracted))
      lines.push(`- ${entity}: ${rows} rows extracted`);
    lines.push(...this.waived.map((each) => `- ${describeWaived(each)}`));
    for (const { action, by, at, refusal } of this.gatekeeper.refused)
      lines.push(`- refused: signal ${action} by ${by ?? 'nobody'} at ${at}: ${refusal}`);
    setCurrentDetails(lines.join('\n\n'));
  }

  private async warn(stage: Stage, verdict: Verdict): Promise<void> {
    await this.sendAlert({
      ...this.alertBase(),
      kind: 'check-warning',
      dedupKey: `${this.input.pipeline}/${stage}/warning`,
      severity: 'warning',
      title: `${this.input.pipeline}: ${verdict.findings.filter((each) => each.severity === 'warning').length} warnings at ${stage} (of ${verdict.checkCount} checks), the run goes on`,
      lines: [...verdict.findings.slice(0, 8).map(describeFinding), `evidence ${verdict.evidenceUri}`],
    });
  }

  private async announceEnd(kind: 'run-skipped' | 'run-aborted' | 'run-failed', why: string): Promise<void> {
    await this.sendAlert({
      ...this.alertBase(),
      kind,
      dedupKey: workflowInfo().workflowId,
      severity: ENDS[kind].severity,
      title: `${this.input.pipeline}: run ${this.runKey} ${ENDS[kind].word}`,
      lines: [why],
    });
  }

  private alertBase() {
    return {
      pipeline: this.input.pipeline,
      runKey: this.runKey,
      workflowId: workflowInfo().workflowId,
      commands: [],
      at: new Date().toISOString(),
    };
  }

  /** Tells people; a channel that is down does not stop the data. */
  async sendAlert(alert: Alert): Promise<void> {
    if (this.isAlertSentApart) return await startAlert(alert, ++this.alertCount);
    try {
      await patient.sendAlert(alert);
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.error('the alert could not be sent', { kind: alert.kind, dedupKey: alert.dedupKey });
    }
  }
}

const ENDS = {
  'run-skipped': { word: 'skipped', severity: 'info' },
  'run-aborted': { word: 'aborted', severity: 'warning' },
  'run-failed': { word: 'failed', severity: 'critical' },
} as const;

function describeEnd(error: TemporalFailure, pipeline: string): string {
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  return `${cause}; nothing is published. Mend that, then: npx tidemark run ${pipeline}`;
}
