import type { Command } from 'commander';
import type { ActivityDeps } from '../../activities/deps.ts';
import { type Config, taskQueueOf } from '../../src/config.ts';
import { TidemarkError } from '../../src/core/errors.ts';
import type { Pipeline } from '../../src/core/pipeline.ts';
import { EXIT, type Output, show } from './output.ts';
import { unreachable, withDeps } from './session.ts';
import { renderTable } from './table.ts';

const PROBE_TIMEOUT_MS = 15_000;

export interface Probe {
  readonly what: string;
  /** Resolves to a line of detail. */
  readonly run: () => Promise<string>;
  /** What to do when it fails and the error does not say. */
  readonly mend: string;
}

export interface ProbeResult {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly mend: string;
}

export function addDoctor(program: Command, out: Output): void {
  program
    .command('doctor')
    .summary('try every connection and permission, and say how to mend what fails')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark doctor\n  npx tidemark doctor --json\n\nEach probe has 15 s; all go side by side.\n\nExit: 0 all are well, 1 at least one failed, 2 wrong usage',
    )
    .action(async (options: { json?: boolean }) => {
      await withDeps(out, async (deps, config) => {
        const results = await Promise.all(listProbes(deps, config).map((each) => runProbe(each)));
        show(out, options.json, results, () => renderProbes(results));
        if (results.some((each) => !each.ok)) out.exitCode = EXIT.failed;
      });
    });
}

/** Runs one probe within its time. */
export async function runProbe(
  { what, run, mend }: Probe,
  timeoutMs = PROBE_TIMEOUT_MS,
): Promise<ProbeResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return { what, ok: true, detail: await Promise.race([run(), late]), mend: '' };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { what, ok: false, detail, mend: error instanceof TidemarkError ? error.todo : mend };
  } finally {
    clearTimeout(timer);
  }
}

/** A line on a source that is well; throws one on what its probe found. */
export function judgeSource(tables: readonly string[], found: readonly string[]): string {
  const notes = found.filter((each) => each.includes(': note: '));
  if (tables.every((table) => found.some((each) => each.endsWith(`: no table ${table}`))))
    throw new Error(
      `none of its ${tables.length} tables is there: is it the right database? The shop of npm run up is empty until: npm run -s seed -- --url "$TIDEMARK_LOCAL_SHOP_ADMIN_URL"`,
    );
  if (notes.length < found.length) throw new Error(found.join('; '));
  return [`${tables.length} tables can be read`, ...notes].join('; ');
}

export function renderProbes(results: readonly ProbeResult[]): string {
  return renderTable(
    ['WHAT', 'OK', 'DETAIL', 'HOW TO MEND'],
    results.map((each) => [each.what, each.ok ? 'ok' : 'FAILED', each.detail, each.mend]),
  );
}

function listProbes(deps: ActivityDeps, config: Config): Probe[] {
  const sources = [...deps.pipelines.values()].flatMap((pipeline) =>
    Object.keys(pipeline.definition.sources).map((name) => ({
      what: `source ${pipeline.definition.name}.${name}`,
      run: async () => {
        const entities = pipeline.definition.entities.filter((entity) => entity.source === name);
        const tables = entities.map((entity) => entity.table);
        const cursors = entities.flatMap(({ table, cursor }) =>
          cursor.mode === 'timestamp' || cursor.mode === 'xid8-column' ? [{ table, ...cursor }] : [],
        );
        const found = await deps.sourceOf(pipeline, name).probe(tables, cursors);
        return judgeSource(tables, found);
      },
      mend: 'correct what the detail names: the connection URL, or a GRANT (docs/extraction.md)',
    })),
  );
  const zones = Object.entries(config.zones).map(([zone, uri]) => ({
    what: `store ${zone}`,
    run: async () => {
      await deps.store.probe(uri);
      return uri;
    },
    mend: `create the bucket or correct TIDEMARK_${zone.toUpperCase()}_URI`,
  }));
  return [
    {
      what: 'temporal',
      run: () => probeTemporal(config, [...deps.pipelines.values()]),
      mend: unreachable(config.temporal.address),
    },
    ...sources,
    ...zones,
    { what: 'emr', run: () => deps.spark.probe(), mend: 'check TIDEMARK_EMR_CLUSTER_ID and AWS credentials' },
    {
      what: 'glue',
      run: async () => {
        await deps.catalog.probe();
        return 'catalog answers';
      },
      mend: 'check AWS_ENDPOINT_URL_GLUE, AWS_REGION and credentials',
    },
    {
      what: 'redshift',
      run: async () => {
        await deps.warehouse.query('SELECT 1');
        return `database ${config.redshift.database} answers`;
      },
      mend: 'check TIDEMARK_REDSHIFT_* and AWS credentials',
    },
  ];
}

async function probeTemporal(config: Config, pipelines: readonly Pipeline[]): Promise<string> {
  const { commandForMissingAttributes, connectTemporal } = await import('../../src/temporal-client.ts');
  const client = await connectTemporal(config);
  const { namespace, address } = config.temporal;
  try {
    await client.workflowService.describeNamespace({ namespace });
    const command = await commandForMissingAttributes(client.connection.operatorService, namespace);
    if (command) throw new Error(`search attributes are missing; type: ${command}`);
    const queues = [...new Set(pipelines.map((each) => taskQueueOf(config, each)))];
    const polled = queues.map(async (name) => {
      const { pollers } = await client.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name },
        taskQueueType: 1,
      });
      return `${pollers?.length ? `${pollers.length} pollers on` : 'no worker polls'} task queue ${name}`;
    });
    return `${address}, namespace ${namespace}, ${(await Promise.all(polled)).join(', ')}`;
  } finally {
    await client.connection.close();
  }
}
