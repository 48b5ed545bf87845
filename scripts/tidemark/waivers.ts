import type { Command } from 'commander';
import type { ActivityDeps } from '../../activities/deps.ts';
import { openPipeline, readPublication } from '../../activities/manifests.ts';
import { checkSignature } from '../../src/core/gate.ts';
import { isInForce, revokeWaiver, type Waiver } from '../../src/core/waiver.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { requirePipeline, userOf, withDeps } from './session.ts';
import { renderTable } from './table.ts';

type Listed = Waiver & { readonly pipeline: string; readonly isInForce: boolean };

const NEEDS = 'It reads publication.json on S3, and needs the settings of the data (docs/operations.md).';

export function addWaivers(program: Command, out: Output): void {
  const waivers = program.command('waivers').summary('known failures that open no gate: list, revoke');
  waivers
    .command('list', { isDefault: true })
    .summary('waivers of the current publication, with those that ended in the last 30 days')
    .argument('[pipeline]', 'name of the pipeline; default all')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  npx tidemark waivers\n  npx tidemark waivers list ecommerce --json\n\n${NEEDS}\n\nExit: 0 shown, 1 S3 gives no answer, 2 wrong usage`,
    )
    .action(async (pipeline: string | undefined, options: { json?: boolean }) => {
      await withDeps(out, async (deps, config) => {
        if (pipeline !== undefined) await requirePipeline(config, pipeline);
        const names = pipeline === undefined ? [...deps.pipelines.keys()] : [pipeline];
        const found = (await Promise.all(names.map((each) => listWaivers(deps, each)))).flat();
        show(out, options.json, found, () => renderWaivers(found));
      });
    });
  waivers
    .command('revoke')
    .summary('let a check open gates again, from the next check on')
    .argument('<pipeline>', 'name of the pipeline')
    .argument('<id>', 'id of the waiver, as the list prints it')
    .requiredOption('--reason <text>', 'why; kept in the publication')
    .option('--by <name>', 'who revokes; default $USER or the OS user')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  npx tidemark waivers revoke ecommerce live-20260131T020000Z-1a2b3c4d/1 --reason "fixed at the source"\n\nIt replaces publication.json by compare-and-swap under the same number: no data changes, and a run that publishes\nmeanwhile takes it over. ${NEEDS}\n\nExit: 0 revoked, 1 unknown or ended already, 2 wrong usage`,
    )
    .action(
      async (pipeline: string, id: string, options: { reason: string; by?: string; json?: boolean }) => {
        const by = options.by ?? userOf(out);
        const unsigned = checkSignature({ reason: options.reason, by });
        if (unsigned) throw new CommandError(unsigned, EXIT.usage);
        await withDeps(out, async (deps, config) => {
          await requirePipeline(config, pipeline);
          const revoked = { by, reason: options.reason, at: new Date().toISOString() };
          const waiver = await revoke(deps, pipeline, id, revoked);
          show(
            out,
            options.json,
            { pipeline, ...waiver },
            () =>
              `waiver ${id} is revoked by ${by}\nnext: ${whereOf(waiver)} opens a gate again when ${waiver.check} fails, from the next check on; runs that were checked before go on`,
          );
        });
      },
    );
}

async function listWaivers(deps: ActivityDeps, pipeline: string): Promise<Listed[]> {
  const { layout } = openPipeline(deps, pipeline);
  const current = (await readPublication(deps.store, layout))?.publication;
  const now = new Date().toISOString();
  return (current?.waivers ?? []).map((each) => ({ pipeline, ...each, isInForce: isInForce(each, now) }));
}

/** How often a revocation is tried against runs that publish at the same moment. */
const TRIES = 5;

async function revoke(
  deps: ActivityDeps,
  pipeline: string,
  id: string,
  revoked: NonNullable<Waiver['revoked']>,
): Promise<Waiver> {
  const { layout } = openPipeline(deps, pipeline);
  for (let nth = 1; nth <= TRIES; nth++) {
    const current = await readPublication(deps.store, layout);
    const answer = revokeWaiver(current?.publication.waivers ?? [], id, revoked);
    if ('refusal' in answer) throw new CommandError(answer.refusal);
    const next = { ...current!.publication, waivers: answer.waivers };
    const { swapped } = await deps.store.swap(
      layout.publication,
      JSON.stringify(next, null, 1),
      current!.etag,
    );
    if (swapped) return answer.waivers.find((each) => each.id === id)!;
  }
  throw new CommandError('runs published at the same moment, again and again; nothing is revoked, try again');
}

function whereOf({ subject, column }: Waiver): string {
  return column ? `${subject}.${column}` : subject;
}

function renderWaivers(found: readonly Listed[]): string {
  if (found.length === 0) return 'nothing is waived';
  return renderTable(
    ['PIPELINE', 'WAIVER', 'CHECK', 'UP TO', 'UNTIL', 'STATE', 'BY', 'REASON'],
    found.map((each) => [
      each.pipeline,
      each.id,
      `${whereOf(each)} ${each.check}${each.rule ? ` (${each.rule})` : ''}`,
      each.maxUnexpected === null ? 'any' : `${each.maxUnexpected} rows`,
      each.until.slice(0, 19),
      each.revoked ? `revoked by ${each.revoked.by}` : each.isInForce ? 'in force' : 'ended',
      each.by,
      each.reason,
    ]),
  );
}
