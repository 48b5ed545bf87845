import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Gate } from '../src/core/gate.ts';
import { makeRunKey } from '../src/core/layout.ts';
import type { DecisionRecord } from '../src/core/publication.ts';
import type { IngestInput, Stage } from '../src/core/run.ts';
import { describeFinding, type GateAction, type Verdict, worstSeverity } from '../src/core/verdict.ts';
import type { Alert } from '../src/ports/alerts.ts';
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
  sequence: number | null = null;
  private state: RunStatus['state'] = 'running';
  private stage: Stage = 'plan';
  private since = new Date().toISOString();
  private proxies: Proxies | null = null;
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
      refuseAbort: () => {
        if (this.sequence !== null) return `the run has published already (publication ${this.sequence})`;
        return this.stage === 'publish' && this.state === 'running'
          ? 'the run is publishing at this moment'
          : null;
      },
      onAbort: () => this.scope.cancel(),
      escalateAfterMinutes: [],
    });
    setHandler(statusQuery, () => ({
      runKey: this.runKey,
      state: this.state,
      stage: this.stage,
      since: this.since,
      gates: this.gatekeeper.gates,
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
    const { pipeline, kind, window } = this.input;
    return { pipeline, kind, window, runKey: this.runKey };
  }

  /** Runs the story to its end: published, skipped, or failed by abort; people are told of each. */
  async tell<T>(story: () => Promise<T>, onSkip: () => T): Promise<T> {
    try {
      return await this.scope.run(async () => {
        const described = await patient.describePipeline({ pipeline: this.input.pipeline });
        this.proxies = proxiesFor(described.retry);
        this.gatekeeper.options.escalateAfterMinutes = described.escalateAfterMinutes;
        const result = await story();
        this.show('published', null);
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
  async step<T>(stage: Stage, work: () => Promise<T>, restarts = false): Promise<T> {
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
        if (restarts) throw new StepRetried(stage);
      }
    }
  }

  /** Lets a verdict pass, or waits for the decision on it; null when nothing critical was found. */
  async judge(stage: Stage, verdict: Verdict): Promise<DecisionRecord | null> {
    const severity = worstSeverity(verdict.findings);
    if (severity === 'warning') await this.warn(stage, verdict);
    if (severity !== 'critical') return null;
    return await this.gatekeeper.open(gateOfVerdict(stage, verdict));
  }

  private enter(stage: Stage): void {
    this.stage = stage;
    this.since = new Date().toISOString();
    this.show('running', null);
  }

  private show(state: RunStatus['state'], gate: Gate | null): void {
    this.state = state;
    upsertSearchAttributes([
      { key: stateKey, value: state },
      { key: waitingForKey, value: gate?.id ?? null },
    ]);
    const lines = [`**${state}** at ${this.stage} since ${this.since}`, `run ${this.runKey}`];
    if (gate)
      lines.push(
        `waits at gate **${gate.id}** since ${gate.openedAt}: ${gate.title}`,
        ...gate.findings.slice(0, 5).map((each) => `- ${describeFinding(each)}`),
      );
    for (const [entity, rows] of Object.entries(this.extracted))
      lines.push(`- ${entity}: ${rows} rows extracted`);
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

  private async announceEnd(kind: 'run-skipped' | 'run-aborted', why: string): Promise<void> {
    await this.sendAlert({
      ...this.alertBase(),
      kind,
      dedupKey: workflowInfo().workflowId,
      severity: kind === 'run-aborted' ? 'warning' : 'info',
      title: `${this.input.pipeline}: run ${this.runKey} ${kind === 'run-skipped' ? 'skipped' : 'aborted'}`,
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

  /** A channel that is down must not stop the data. */
  private async sendAlert(alert: Alert): Promise<void> {
    try {
      await patient.sendAlert(alert);
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.error('the alert could not be sent', { kind: alert.kind, dedupKey: alert.dedupKey });
    }
  }
}
