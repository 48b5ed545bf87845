import type { WorkflowHandle } from '@temporalio/client';
import type { Random } from '../../scripts/seed/random.ts';
import { openGates } from '../../scripts/tidemark/gate-text.ts';
import { askStatus, listRuns } from '../../scripts/tidemark/list-runs.ts';
import { readConfig } from '../../src/config.ts';
import type { BackfillInput } from '../../src/core/backfill.ts';
import type { DecisionRequest, Gate } from '../../src/core/gate.ts';
import { makeLayout } from '../../src/core/layout.ts';
import type { Publication } from '../../src/core/publication.ts';
import type { GateAction } from '../../src/core/verdict.ts';
import type { backfill, ingest } from '../../workflows/index.ts';
import type { DecisionAnswer } from '../../workflows/messages.ts';
import { askSource, openPlaces, type Places, type TextRow } from '../e2e/three-places.ts';
import { findViolations, type LakeState } from '../support/check-invariants.ts';
import { PipelineBench } from './pipeline-bench.ts';
import { VISITS_SCHEMA, VisitsWriter } from './visits/writer.ts';

const PIPELINE = 'visits';
const TASK_QUEUE = 'visits';

/** A visit as the source's history has it. */
const LINE = "concat_ws(',', visit_id, guest_id, visited_on, amount)";
/** Rows of the models in SQL of source, lake and warehouse. */
const FACT = (from: string) =>
  `SELECT CAST(visit_id AS VARCHAR(20)), CAST(guest_id AS VARCHAR(20)), CAST(visited_on AS VARCHAR(20)), CAST(amount AS VARCHAR(20)) FROM ${from} ORDER BY t.visit_id`;
const TOTALS = (from: string) =>
  `SELECT CAST(guest_id AS VARCHAR(20)), CAST(visits AS VARCHAR(20)), CAST(amount AS VARCHAR(20)) FROM ${from} ORDER BY g.guest_id`;
const SUMS = (from: string) =>
  `(SELECT guest_id, count(*) AS visits, sum(amount) AS amount FROM ${from} GROUP BY guest_id) g`;
const SOURCE = '(SELECT * FROM visits WHERE amount >= 0) t';
const FOLDED = '(SELECT * FROM {files} WHERE _rejected IS NULL AND _deleted IS NULL) t';

type OpenGate = Gate & { readonly run: string };

/** The pipeline `visits` on the stack, with writers, runs side by side, and all that they published. */
export class VisitsBench {
  readonly bench = new PipelineBench({
    pipeline: PIPELINE,
    urlVariable: 'VISITS_DESK_URL',
    env: { TIDEMARK_TASK_QUEUE: TASK_QUEUE },
  });
  private places!: Places;
  private nth = 0;

  async open(): Promise<void> {
    await this.bench.open(VISITS_SCHEMA);
    this.places = await openPlaces(this.bench.env);
  }

  async close(): Promise<void> {
    this.places?.close();
    await this.bench.close();
  }

  async connectWriter(random: Random): Promise<VisitsWriter> {
    return await VisitsWriter.begin(await this.bench.connect(), random);
  }

  async startLive(): Promise<WorkflowHandle<typeof ingest>> {
    return await this.bench.client.workflow.start<typeof ingest>('ingest', {
      taskQueue: TASK_QUEUE,
      workflowId: `ingest/visits/live-${++this.nth}`,
      args: [{ pipeline: PIPELINE, kind: 'live' }],
    });
  }

  async startBackfill(input: Omit<BackfillInput, 'pipeline'>): Promise<WorkflowHandle<typeof backfill>> {
    return await this.bench.client.workflow.start<typeof backfill>('backfill', {
      taskQueue: TASK_QUEUE,
      workflowId: `backfill/visits/${input.from}..${input.to}`,
      args: [{ pipeline: PIPELINE, ...input }],
    });
  }

  /** Runs, chunks, builds and backfills that have not ended. */
  async listOpen(): Promise<string[]> {
    const query = "TidemarkPipeline = 'visits' AND ExecutionStatus = 'Running'";
    const open: string[] = [];
    for await (const { workflowId, type } of this.bench.client.workflow.list({ query }))
      if (['ingest', 'backfill', 'extractChunk', 'publishChunks'].includes(type)) open.push(workflowId);
    return open.sort();
  }

  /** How many runs, chunks and builds do not wait for a person. */
  async countBusy(): Promise<number> {
    const gates = await this.listGates();
    const open = (await this.listOpen()).filter((id) => !id.startsWith('backfill/'));
    return open.filter((id) => gates.every(({ run }) => run !== id)).length;
  }

  /** Gates that wait for an answer, in the order of their runs. */
  async listGates(): Promise<OpenGate[]> {
    const runs = await listRuns(this.bench.client, { pipeline: PIPELINE, waiting: true, limit: 100 });
    const asked = await Promise.all(
      runs.map(async ({ workflowId: run }) => {
        const status = await askStatus(this.bench.client, run);
        return status ? openGates(status).map((gate) => ({ run, ...gate })) : [];
      }),
    );
    return asked.flat().sort((a, b) => (a.run < b.run ? -1 : 1));
  }

  async answer(gate: OpenGate, action: GateAction): Promise<void> {
    const args: [DecisionRequest] = [{ gate: gate.id, reason: 'as the seed says', by: 'test' }];
    const handle = this.bench.client.workflow.getHandle(gate.run);
    await handle.executeUpdate<DecisionAnswer, [DecisionRequest]>(action, { args });
  }

  sql(text: string): Promise<TextRow[]> {
    return askSource(this.bench.sourceUrl, text);
  }

  async sequence(): Promise<number> {
    return (await this.bench.publication())?.sequence ?? 0;
  }

  /** All publications, oldest first. */
  async publications(): Promise<Publication[]> {
    const last = (await this.bench.publication())!;
    const layout = makeLayout(readConfig({ ...this.bench.env }).zones, PIPELINE);
    const copies = await Promise.all(
      Array.from({ length: last.sequence - 1 }, (_, nth) =>
        this.bench.deps.store.read(layout.publicationCopy(nth + 1)),
      ),
    );
    return [...copies.map((copy) => JSON.parse(copy!.text) as Publication), last];
  }

  /** What any publication did that must never happen; also where its models differ from its entity. */
  async findViolations(publications: readonly Publication[]): Promise<string[]> {
    const history = await Promise.all(publications.map((each) => this.readState(each)));
    const written = await this.sql('SELECT line FROM history');
    const found = findViolations(history, new Set(written.map(([line]) => line!)));
    for (const { sequence, entities, tables } of publications) {
      const wanted = [FACT(FOLDED), TOTALS(SUMS(FOLDED))].map((sql) =>
        this.places.lake(entities.visits!, sql),
      );
      const models = [
        this.places.lake(tables.visit_fact!, FACT('{files} t')),
        this.places.lake(tables.guest_totals!, TOTALS('{files} g')),
      ];
      if (JSON.stringify(await Promise.all(models)) !== JSON.stringify(await Promise.all(wanted)))
        found.push(`publication ${sequence}: its models are not what its visits say`);
    }
    return found;
  }

  private async readState({ sequence, runKey, entities }: Publication): Promise<LakeState> {
    const sql = `SELECT visit_id, _snapshot, CASE WHEN _deleted IS NULL THEN ${LINE} END FROM {files}`;
    const rows = await this.places.lake(entities.visits!, sql);
    return {
      sequence,
      runKey,
      rows: rows.map(([key, order, line]) => ({ key: key!, order: order!, line: line! })),
    };
  }

  /** What readers see: rows of the entity and the models in the lake, and of the native tables. */
  async readPlaces(): Promise<RowsByPlace> {
    const { entities, tables } = (await this.bench.publication())!;
    const { lake, ask } = this.places;
    return {
      visits: await lake(entities.visits!, FACT('(SELECT * FROM {files} WHERE _deleted IS NULL) t')),
      fact: await lake(tables.visit_fact!, FACT('{files} t')),
      totals: await lake(tables.guest_totals!, TOTALS('{files} g')),
      nativeFact: await ask(FACT('visits.visit_fact t')),
      nativeTotals: await ask(TOTALS('visits.guest_totals g')),
    };
  }

  /** What `readPlaces` has to give, told by the source alone. */
  async readSource(): Promise<RowsByPlace> {
    const fact = await this.sql(FACT(SOURCE));
    const totals = await this.sql(TOTALS(SUMS(SOURCE)));
    const visits = await this.sql(FACT('visits t'));
    return { visits, fact, totals, nativeFact: fact, nativeTotals: totals };
  }
}

/** Rows of each place, by the place's name. */
type RowsByPlace = Readonly<Record<'visits' | 'fact' | 'totals' | 'nativeFact' | 'nativeTotals', TextRow[]>>;
