import { CancellationScope, patched, workflowInfo } from '@temporalio/workflow';
import { reportComparisons } from '../src/core/comparison.ts';
import type { CleanSummary, ManifestRef, PublishResult, RunPlan } from '../src/core/run.ts';
import { type Run, RunSkipped, StepRetried } from './run.ts';

/** For steps whose retry starts from an earlier one. */
const always = () => true;

/** Plans what is read and compares the sources with the contract; a retry plans anew. */
async function planAndCheckSource(run: Run): Promise<RunPlan> {
  for (;;) {
    const wanted = await run.step('plan', () => run.act.quick.planRun(run.scopeOfRun));
    const { plan, verdict } = await run.step('contract', () =>
      run.act.quick.checkSource({ ...run.scopeOfRun, plan: wanted }),
    );
    const decision = await run.judge('contract', verdict);
    if (decision?.action === 'skip') throw new RunSkipped('contract');
    if (decision?.action !== 'retry') return plan;
  }
}

/** What a run has extracted and checked. */
export interface Checked {
  readonly manifests: readonly ManifestRef[];
  /** Entities that a decision left out. */
  readonly skipped: readonly string[];
  /** How many extracts the run has made so far. */
  readonly round: number;
  /** Publication that the extracts were planned on. */
  readonly baseSequence?: number;
}

/** Plans, extracts and checks until the data may go on. A retry after a failed extract looks at the source again: it may have changed since. */
export async function planAndExtract(run: Run): Promise<{ plan: RunPlan; checked: Checked }> {
  for (;;) {
    const plan = await planAndCheckSource(run);
    try {
      return { plan, checked: await extractAndCheck(run, plan) };
    } catch (error) {
      if (!(error instanceof StepRetried)) throw error;
    }
  }
}

/** Extracts and checks until the data may go on; a retry extracts anew. Throws `RunSkipped` when nothing is left. */
async function extractAndCheck(run: Run, plan: RunPlan): Promise<Checked> {
  for (;;) {
    run.extractCount += 1;
    const round = run.extractCount;
    const generation = `${run.runKey}-x${round}`;
    const extract = () =>
      Promise.all(
        plan.sources.map((source) =>
          run.act.long.extractSource({
            ...run.scopeOfRun,
            ...source,
            generation,
            baseSequence: plan.baseSequence,
          }),
        ),
      );
    const extracts = await run.step('extract', extract, () => patched('plan-again-after-extract'));
    run.extracted = Object.fromEntries(
      extracts.flatMap((each) =>
        Object.entries(each.entities).map(([name, { rowCount }]) => [name, rowCount]),
      ),
    );
    const manifests = extracts.map((each) => each.manifest);
    const verdict = await run.step('raw', () =>
      run.act.long.checkRaw({ ...run.scopeOfRun, manifests, generation, decisions: run.decisions }),
    );
    const decision = await run.judge('raw', verdict);
    if (decision?.action === 'retry') continue;
    const skipped =
      decision?.action === 'skip'
        ? [
            ...new Set(
              verdict.findings.filter((each) => each.severity === 'critical').map((each) => each.subject),
            ),
          ]
        : [];
    if (skipped.length > 0 && skipped.length === Object.keys(run.extracted).length)
      throw new RunSkipped('raw');
    run.compared = reportComparisons(extracts, skipped);
    return { manifests, skipped, round, baseSequence: plan.baseSequence };
  }
}

/** Counts of the clean step once published; null when the extract no longer joins on to what is published. */
export async function buildAndPublish(
  run: Run,
  plan: RunPlan,
  checked: Checked,
): Promise<CleanSummary['entities'] | null> {
  let { baseSequence } = plan;
  for (let build = 1; ; build++) {
    try {
      const built = await buildOnce(run, checked, baseSequence, build);
      if (built === 'again') continue;
      if (built.result.published) {
        run.sequence = built.result.sequence;
        return built.cleaned;
      }
      if (built.result.reason === 'watermark-moved-back') return null;
      baseSequence = built.result.sequence;
    } catch (error) {
      // A retry at any of these steps starts with a generation of its own: what failed is never written over.
      if (!(error instanceof StepRetried)) throw error;
    }
  }
}

async function buildOnce(
  run: Run,
  { manifests, skipped, round }: Checked,
  baseSequence: number,
  build: number,
): Promise<{ result: PublishResult; cleaned: CleanSummary['entities'] } | 'again'> {
  const generation = `${run.runKey}-x${round}m${build}`;
  const scope = { ...run.scopeOfRun, manifests, skipped, baseSequence, generation };
  const clean = await run.step('clean', () => run.act.spark.cleanEntities(scope), always);
  const model = await run.step(
    'model',
    () => run.act.spark.modelTables({ ...scope, clean: clean?.manifest ?? null }),
    always,
  );
  if (model) {
    const audited = { ...scope, model: model.manifest, decisions: run.decisions };
    const verdict = await run.step('audit', () => run.act.long.checkModels(audited), always);
    const decision = await run.judge('audit', verdict);
    if (decision?.action === 'skip') throw new RunSkipped('audit');
    if (decision?.action === 'retry') return 'again';
  }
  const publication = { ...scope, model: model?.manifest ?? null, decisions: run.decisions };
  // Once asked for, a publication may have happened whatever answer comes back, so it is never cut short.
  const publish = () => CancellationScope.nonCancellable(() => run.act.long.publishRun(publication));
  return { result: await run.step('publish', publish, always), cleaned: clean?.entities ?? {} };
}

/** Brings catalog and warehouse to the publication, compares all four, and tells people. */
export async function serve(
  run: Run,
  { manifests, baseSequence }: Checked,
  cleaned: CleanSummary['entities'],
): Promise<void> {
  const scope = {
    ...run.scopeOfRun,
    sequence: run.sequence!,
    baseSequence,
    manifests,
  };
  for (;;) {
    await run.step('catalog', () => run.act.long.syncCatalog(scope));
    await run.step('load', () => run.act.long.loadWarehouse(scope));
    const verdict = await run.step('reconcile', () => run.act.long.reconcile(scope));
    const decision = await run.judge('reconcile', verdict);
    if (decision?.action !== 'retry') break;
  }
  const { alert } = await run.step('announce', () =>
    run.act.quick.announceRun({
      ...scope,
      workflowId: workflowInfo().workflowId,
      extracted: run.extracted,
      compared: run.compared,
      cleaned,
      decisions: run.decisions,
      waived: run.waived,
      isAlertSentApart: run.isAlertSentApart,
    }),
  );
  if (alert) await run.sendAlert(alert);
}
