import { cancellationDetails, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { TidemarkError } from '../src/core/errors.ts';
import type { Layout } from '../src/core/layout.ts';
import type { SparkPlan, SparkResult } from '../src/core/spark-plan.ts';
import type { StepRef, StepState } from '../src/ports/spark.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf } from './manifests.ts';

const LIVE: readonly StepState[] = ['PENDING', 'RUNNING', 'CANCEL_PENDING'];
/** A step is asked for after a tenth of the time that it has taken so far, within these. */
const [SHORTEST_POLL_MS, LONGEST_POLL_MS] = [200, 1_000];

export interface SparkStepRequest {
  readonly pipeline: string;
  readonly runKey: string;
  /** Names the step within the run, such as `clean-<generation>`. */
  readonly step: string;
  readonly makePlan: (resultUri: string) => SparkPlan;
}

/**
 * Runs a plan as one EMR step and returns what the driver reported. EMR has no idempotency token, so the step
 * name carries run, step and attempt: a pending, running or completed step of that name is adopted, a failed
 * one is followed by the next attempt. When the activity is cancelled it cancels the step and waits for its end;
 * when only its worker ends, the step goes on and is adopted. A new step waits for a place among the pipeline's
 * `sparkSteps`; one that is adopted counts, too, but is not held up.
 */
export async function runSparkStep(
  deps: ActivityDeps,
  layout: Layout,
  request: SparkStepRequest,
): Promise<SparkResult> {
  const driverUri = layout.sparkDriver(digestOf(deps.sparkDriver).slice(0, 16));
  await deps.store.create(driverUri, deps.sparkDriver, 'text/x-python');
  const found = await findAttempt(deps, request);
  return await deps.limits.hold(
    request.pipeline,
    'sparkSteps',
    () => finishStep(deps, layout, request, driverUri),
    found.adopted !== null,
  );
}

/** Submits or adopts the step and waits for its end. What was found before a wait for a place may be old, so it looks again. */
async function finishStep(
  deps: ActivityDeps,
  layout: Layout,
  request: SparkStepRequest,
  driverUri: string,
): Promise<SparkResult> {
  const { attempt, adopted } = await findAttempt(deps, request);
  const label = `${request.step}-a${attempt}`;
  const resultUri = layout.sparkResult(request.runKey, label);
  const planUri = layout.sparkPlan(request.runKey, label);
  if (!adopted)
    await deps.store.create(
      planUri,
      JSON.stringify(request.makePlan(resultUri), null, 1),
      'application/json',
    );
  const ref =
    adopted ??
    (await deps.spark.submit({
      name: stepName(request, attempt),
      args: ['spark-submit', '--deploy-mode', 'cluster', ...deps.sparkSubmitArgs, driverUri, planUri],
    }));
  log.info(adopted ? 'adopted the EMR step of an earlier attempt' : 'submitted an EMR step', {
    step: label,
    ...ref,
  });
  const { state, reason, logUri } = await awaitStep(deps, ref);
  const result = await readResult(deps, resultUri);
  if (state === 'COMPLETED' && result?.ok) return result;
  throw stepError(label, state, result, reason, logUri);
}

function stepName({ pipeline, runKey, step }: SparkStepRequest, attempt: number): string {
  return `tidemark/${pipeline}/${runKey}/${step}/a${attempt}`;
}

/** The first attempt that has not failed: one to adopt, or the number of a new one. */
async function findAttempt(
  deps: ActivityDeps,
  request: SparkStepRequest,
): Promise<{ attempt: number; adopted: StepRef | null }> {
  for (let attempt = 1; ; attempt++) {
    const found = await deps.spark.find(stepName(request, attempt));
    if (!found) return { attempt, adopted: null };
    if (found.state === 'COMPLETED' || LIVE.includes(found.state)) return { attempt, adopted: found };
  }
}

async function awaitStep(deps: ActivityDeps, ref: StepRef) {
  const signal = cancellationSignal();
  const beganAt = Date.now();
  let isCancelling = false;
  for (;;) {
    if (signal.aborted && !isCancelling) {
      // A worker that shuts down, or that was taken for dead, leaves the step to the one that takes over.
      if (!cancellationDetails()?.cancelRequested) signal.throwIfAborted();
      isCancelling = true;
      await deps.spark.cancel(ref);
    }
    const status = await deps.spark.status(ref);
    heartbeat({ ...ref, state: status.state });
    if (!LIVE.includes(status.state)) {
      if (isCancelling) signal.throwIfAborted();
      return status;
    }
    const pollMs = Math.max(SHORTEST_POLL_MS, Math.min((Date.now() - beganAt) / 10, LONGEST_POLL_MS));
    await pause(pollMs, isCancelling ? undefined : signal);
  }
}

/** Waits, or less when the signal fires. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
}

async function readResult(deps: ActivityDeps, uri: string): Promise<SparkResult | null> {
  const object = await deps.store.read(uri);
  return object ? (JSON.parse(object.text) as SparkResult) : null;
}

function stepError(
  label: string,
  state: StepState,
  result: SparkResult | null,
  reason: string | null,
  logUri: string | null,
): TidemarkError {
  const where = logUri ? `; log ${logUri}` : '';
  if (result?.ok === false && result.error) {
    // Plan, SQL and data fail the same way again; only the environment may do better next time.
    const code = result.error.kind === 'environment' ? 'SPARK_STEP_FAILED' : 'SPARK_SQL_FAILED';
    return new TidemarkError(
      code,
      `EMR step ${label} failed: ${result.error.class}: ${result.error.message}${where}`,
    );
  }
  if (state === 'COMPLETED')
    return new TidemarkError(
      'SPARK_STEP_FAILED',
      `EMR step ${label} completed without leaving a result${where}`,
    );
  return new TidemarkError(
    'SPARK_STEP_FAILED',
    `EMR step ${label} ended ${state}${reason ? ` (${reason})` : ''}${where}`,
  );
}
