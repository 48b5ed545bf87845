import type { InitialLoadInput } from '../src/core/backfill.ts';
import { chunkName } from '../src/core/backfill.ts';
import type { PlannedChunk } from '../src/core/backfill-plan.ts';
import type { EntityDefinition } from '../src/core/definition.ts';
import { TidemarkError } from '../src/core/errors.ts';
import {
  type CutEntity,
  isLoadOver,
  type LoadPlan,
  makeLoadPlan,
  planLoad,
} from '../src/core/initial-load.ts';
import type { Layout } from '../src/core/layout.ts';
import type { Pipeline } from '../src/core/pipeline.ts';
import type { Publication } from '../src/core/publication.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf, openPipeline, readPublication } from './manifests.ts';
import { readFailures } from './read-failures.ts';

const ROWS_PER_CHUNK = 1_000_000;

/** A first load: the plan that is stored under its digest (12 hex digits), and what is there of it. */
export interface DescribedLoad {
  readonly load: string;
  readonly plan: LoadPlan;
  readonly chunks: readonly PlannedChunk[];
  /** It was started before, and has chunks left. */
  readonly isUnderWay: boolean;
}

/**
 * Every chunk of a first load. One that is under way goes on with its plan, so that what it has read counts;
 * otherwise the plan is the one whose digest is given, or a new one, cut by today's keys of the source and stored.
 * Refuses entities that have a watermark (LOAD_REFUSED) and another plan than the one that is asked for (PLAN_CHANGED).
 */
export async function describeLoad(deps: ActivityDeps, input: InitialLoadInput): Promise<DescribedLoad> {
  const { layout } = openPipeline(deps, input.pipeline);
  const { entities, publication, current, named } = await chooseLoad(deps, input);
  const { load, plan } = current ?? named ?? (await makePlan(deps, entities, input));
  const names = planLoad(load, plan, null, new Map()).map(({ window }) => chunkName(window));
  const failures = await readFailures(deps.store, layout, names);
  return { load, plan, chunks: planLoad(load, plan, publication, failures), isUnderWay: current !== null };
}

/** Refuses a first load that `describeLoad` would refuse, without a look at the source. */
export async function checkLoad(deps: ActivityDeps, input: InitialLoadInput): Promise<void> {
  await chooseLoad(deps, input);
}

interface ChosenLoad {
  /** What would be loaded, where nothing is under way. */
  readonly entities: readonly EntityDefinition[];
  readonly publication: Publication | null;
  /** The load that is under way. */
  readonly current: StoredPlan | null;
  /** The plan whose digest is given. */
  readonly named: StoredPlan | null;
}

interface StoredPlan {
  readonly load: string;
  readonly plan: LoadPlan;
}

async function chooseLoad(deps: ActivityDeps, input: InitialLoadInput): Promise<ChosenLoad> {
  const { pipeline, layout } = openPipeline(deps, input.pipeline);
  const publication = (await readPublication(deps.store, layout))?.publication ?? null;
  const current = await findCurrent(deps, layout, pipeline, publication);
  if (current) {
    requireSame(current, input);
    return { entities: [], publication, current, named: null };
  }
  const entities = chooseEntities(pipeline, publication, input.entities);
  const { planDigest } = input;
  const named = planDigest === undefined ? null : await findPlan(deps, layout, entities, planDigest);
  return { entities, publication, current: null, named };
}

/** Makes a plan the one that a load under way goes on with. */
export async function startLoad(deps: ActivityDeps, input: InitialLoadInput): Promise<DescribedLoad> {
  const described = await describeLoad(deps, input);
  const { layout } = openPipeline(deps, input.pipeline);
  await deps.store.write(
    layout.currentLoad,
    JSON.stringify({ version: 1, load: described.load }),
    'application/json',
  );
  return described;
}

/** The plan of a load, as it was stored. */
export async function readLoadPlan(deps: ActivityDeps, layout: Layout, load: string): Promise<LoadPlan> {
  const object = await deps.store.read(layout.loadPlan(load));
  if (!object) throw new TidemarkError('OBJECT_MISSING', `${layout.loadPlan(load)} is gone`);
  return JSON.parse(object.text) as LoadPlan;
}

async function findCurrent(
  deps: ActivityDeps,
  layout: Layout,
  { definition }: Pipeline,
  publication: Publication | null,
): Promise<StoredPlan | null> {
  const object = await deps.store.read(layout.currentLoad);
  if (!object) return null;
  const { load } = JSON.parse(object.text) as { load: string };
  const plan = await readLoadPlan(deps, layout, load);
  return isLoadOver(load, plan, publication, definition.entities) ? null : { load, plan };
}

function requireSame({ load, plan }: StoredPlan, input: InitialLoadInput): void {
  const loaded = plan.entities.map(({ name }) => name);
  const isOther = input.entities?.some((name) => !loaded.includes(name)) ?? false;
  if (!isOther && (input.planDigest ?? load) === load) return;
  throw new TidemarkError(
    'PLAN_CHANGED',
    `a first load of ${loaded.join(', ')} is under way with plan ${load}, not ${isOther ? `of ${input.entities!.join(', ')}` : input.planDigest}; end it first by starting it without --plan and --entities`,
  );
}

function chooseEntities(
  { definition }: Pipeline,
  publication: Publication | null,
  wanted: readonly string[] | undefined,
): EntityDefinition[] {
  const unknown = wanted?.find((name) => !definition.entities.some((entity) => entity.name === name));
  if (unknown !== undefined)
    throw new TidemarkError('DEFINITION_INVALID', `pipeline ${definition.name} has no entity "${unknown}"`);
  const chosen = definition.entities.filter(({ name }) =>
    wanted ? wanted.includes(name) : publication?.watermarks[name] === undefined,
  );
  const isThere = chosen.find(({ name }) => publication?.watermarks[name] !== undefined);
  if (isThere || chosen.length === 0) {
    const who = isThere ? `${isThere.name} is` : `all entities of ${definition.name} are`;
    throw new TidemarkError('LOAD_REFUSED', `${who} in the lake already, and live runs go on from there`);
  }
  const broken = chosen.find(({ name }) => publication?.loads?.[name]?.isBroken);
  if (broken)
    throw new TidemarkError(
      'LOAD_REFUSED',
      `${broken.name}: its table or its server was replaced between two chunks of its first load, which do not join; the next live run reads it whole`,
    );
  return chosen;
}

/** The plan with the digest that was asked for; refused where there is none, or it is of other entities. */
async function findPlan(
  deps: ActivityDeps,
  layout: Layout,
  entities: readonly EntityDefinition[],
  planDigest: string,
): Promise<StoredPlan> {
  const object = await deps.store.read(layout.loadPlan(planDigest));
  const plan = object && (JSON.parse(object.text) as LoadPlan);
  const planned = plan?.entities.map(({ name }) => name).join(', ');
  const wanted = entities.map(({ name }) => name).join(', ');
  if (plan && planned === wanted) return { load: planDigest, plan };
  throw new TidemarkError(
    'PLAN_CHANGED',
    plan
      ? `plan ${planDigest} is of ${planned}, and ${wanted} would be loaded`
      : `there is no plan ${planDigest} of a first load`,
  );
}

/** A plan by today's keys of the source, stored. */
async function makePlan(
  deps: ActivityDeps,
  entities: readonly EntityDefinition[],
  { pipeline: name, rowsPerChunk = ROWS_PER_CHUNK }: InitialLoadInput,
): Promise<StoredPlan> {
  const { pipeline, layout } = openPipeline(deps, name);
  const cuts = await Promise.all(
    entities.map(async (entity): Promise<CutEntity> => {
      const { name, source, table, key, cursor } = entity;
      // Live runs read it whole each time.
      const rows = cursor.mode === 'full' ? Number.MAX_SAFE_INTEGER : rowsPerChunk;
      return { name, ...(await deps.sourceOf(pipeline, source).cutKeys(table, key, rows)) };
    }),
  );
  const plan = makeLoadPlan(pipeline.definition.name, new Date().toISOString(), cuts);
  const text = JSON.stringify(plan, null, 1);
  const load = digestOf(text).slice(0, 12);
  await deps.store.create(layout.loadPlan(load), text, 'application/json');
  return { load, plan };
}
