import type { Command } from 'commander';
import { describeDeciders, type Gate } from '../../src/core/gate.ts';
import { describeFinding, describeWaived } from '../../src/core/verdict.ts';
import type { ExpectationResult, ValidationResult } from '../../src/expectations/types.ts';
import { type RunStatus, statusQuery } from '../../workflows/messages.ts';
import { openGates } from './gate-text.ts';
import { CommandError, type Output, show } from './output.ts';
import { parseRunId } from './run-id.ts';
import { withAnswer, withDeps, withTemporal } from './session.ts';
import { describeAge } from './table.ts';

interface ShowOptions {
  readonly gate?: string;
  readonly json?: boolean;
}

/** A failed check as its evidence has it; values of columns with a PII class are masked in it. */
interface Sample {
  readonly subject: string;
  readonly check: string;
  readonly column: string | null;
  readonly detail: ExpectationResult['result'];
}

type Evidence = { readonly samples: readonly Sample[] } | { readonly unread: string };

export function addGateShow(program: Command, out: Output): void {
  program
    .command('gate')
    .summary('one gate in full')
    .command('show')
    .summary('findings, masked sample, who may decide, what each action does, who decided')
    .argument('<run>', 'workflow id of the run, with or without ingest/')
    .option('--gate <id>', 'gate; default the open one, else the last')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark gate show ecommerce/live-2026-01-31T02:00:00Z\n  npx tidemark gate show ecommerce/live-2026-01-31T02:00:00Z --gate raw-1 --json\n\nThe sample is read from the evidence on S3, which needs the settings of the data (docs/operations.md); without them the rest is shown.\n\nExit: 0 shown, 1 no such gate, or no answer, 2 wrong usage',
    )
    .action(async (run: string, options: ShowOptions) => {
      const id = parseRunId(run);
      const status = await withTemporal(out, (client) =>
        withAnswer(client, () => client.workflow.getHandle(id).query(statusQuery)),
      );
      const gate = pickGate(status, options.gate);
      const evidence = await readEvidence(out, gate);
      show(out, options.json, { run: id, ...gate, evidence, waived: status.waived }, () =>
        renderWhole(id, status, gate, evidence, Date.now()),
      );
    });
}

function pickGate(status: RunStatus, wanted: string | undefined): Gate {
  const known = status.gates.map((each) => each.id).join(', ');
  const gate =
    wanted === undefined
      ? (openGates(status)[0] ?? status.gates.at(-1))
      : status.gates.find((each) => each.id === wanted);
  if (gate) return gate;
  throw new CommandError(
    wanted === undefined
      ? 'this run has opened no gate'
      : `there is no gate "${wanted}"; ${known ? `gates of this run: ${known}` : 'this run has opened none'}`,
  );
}

async function readEvidence(out: Output, { evidenceUri }: Gate): Promise<Evidence> {
  if (evidenceUri === null) return { unread: 'a failed step leaves none' };
  try {
    const object = await withDeps(out, (deps) => deps.store.read(evidenceUri));
    if (!object) return { unread: `${evidenceUri} is gone` };
    const { results } = JSON.parse(object.text) as { results?: Record<string, ValidationResult> };
    const samples = Object.entries(results ?? {}).flatMap(([subject, { results: checks }]) =>
      checks
        .filter((each) => !each.success)
        .map(({ expectation_config: { type, kwargs }, result }) => ({
          subject,
          check: type,
          column: typeof kwargs.column === 'string' ? kwargs.column : null,
          detail: result,
        })),
    );
    return { samples };
  } catch (error) {
    return { unread: (error instanceof Error ? error.message : String(error)).split('\n')[0]! };
  }
}

/** A gate with everything that a decision needs. */
function renderWhole(
  runId: string,
  status: Pick<RunStatus, 'waived' | 'refused'>,
  gate: Gate,
  evidence: Evidence,
  nowMs: number,
): string {
  const { decision } = gate;
  return [
    `run       ${runId}`,
    `gate      ${gate.id}, ${gate.severity}, ${decision ? `opened ${gate.openedAt}` : `open for ${describeAge(gate.openedAt, nowMs)} (since ${gate.openedAt})`}`,
    `what      ${gate.title}`,
    ...gate.findings.map((each) => `  - ${describeFinding(each)}`),
    ...(gate.findingCount > gate.findings.length
      ? [`  - and ${gate.findingCount - gate.findings.length} more, in the evidence`]
      : []),
    ...(status.waived ?? []).map((each) => `  - ${describeWaived(each)}`),
    `evidence  ${gate.evidenceUri ?? 'none'}`,
    `digest    ${gate.evidenceDigest}`,
    ...renderEvidence(evidence),
    `who       ${describeDeciders(gate)}`,
    ...(status.refused ?? []).map(
      (each) => `refused   signal ${each.action} by ${each.by ?? 'nobody'} at ${each.at}: ${each.refusal}`,
    ),
    ...(decision
      ? [
          `decided   ${decision.action} by ${decision.by} at ${decision.at}: ${decision.reason}`,
          ...(decision.first
            ? [
                `          first approved by ${decision.first.by} at ${decision.first.at}: ${decision.first.reason}`,
              ]
            : []),
          `then      ${gate.effects[decision.action] ?? ''}`,
        ]
      : gate.allowed.flatMap((action) => [
          `${action.padEnd(9)} ${gate.effects[action] ?? ''}`,
          `          npx tidemark ${action} ${runId} --gate ${gate.id} --evidence ${gate.evidenceDigest} --reason "..."`,
        ])),
  ].join('\n');
}

function renderEvidence(evidence: Evidence): string[] {
  if ('unread' in evidence) return [`sample    not shown: ${evidence.unread}`];
  return evidence.samples.map(({ subject, check, column, detail }) => {
    const rows = detail.partial_unexpected_index_list ?? detail.partial_unexpected_list ?? [];
    const found = rows.length > 0 ? rows.slice(0, 5) : [detail.observed_value ?? null];
    return `sample    ${subject}${column ? `.${column}` : ''} ${check}: ${found.map((each) => JSON.stringify(each)).join(' ')}`;
  });
}
