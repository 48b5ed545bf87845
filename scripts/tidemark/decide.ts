import { randomUUID } from 'node:crypto';
import {
  type Client,
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Command } from 'commander';
import { type DecisionRequest, describeEarlier } from '../../src/core/gate.ts';
import type { GateAction } from '../../src/core/verdict.ts';
import type { WaiverTerms } from '../../src/core/waiver.ts';
import {
  abortUpdate,
  approveUpdate,
  type DecisionAnswer,
  retryUpdate,
  skipUpdate,
} from '../../workflows/messages.ts';
import { hasEnded } from './describe-error.ts';
import { askStatus } from './list-runs.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { parseUntil } from './parse-until.ts';
import { parseCount, parseRunId } from './run-id.ts';
import { userOf, withAnswer, withTemporal } from './session.ts';

const ACTIONS = [
  { action: 'approve', summary: 'go on at a gate with the data as it is, marked' },
  { action: 'skip', summary: 'leave the entity or run of a gate out, marked' },
  { action: 'retry', summary: 'repeat the step of a gate on fresh data' },
  { action: 'abort', summary: 'end a run, at a gate or without one' },
] as const;

const UPDATES = { approve: approveUpdate, skip: skipUpdate, retry: retryUpdate, abort: abortUpdate };

interface DecideOptions {
  readonly gate?: string;
  readonly reason: string;
  readonly by?: string;
  readonly evidence?: string;
  readonly requestId?: string;
  readonly until?: string;
  readonly maxUnexpected?: string;
  readonly json?: boolean;
}

export function addDecisions(program: Command, out: Output): void {
  for (const { action, summary } of ACTIONS) {
    const command = program
      .command(action)
      .summary(summary)
      .argument('<run>', 'workflow id of the run, with or without ingest/')
      .option('--gate <id>', 'gate; may be left out while just one is open')
      .requiredOption('--reason <text>', 'why; kept in publication and ledger')
      .option('--by <name>', 'who decides; default $USER or the OS user')
      .option('--evidence <digest>', 'refuse when the data was checked again since this digest')
      .option('--request-id <id>', 'the same id is answered the same and decides once; default random')
      .option('--json', 'as JSON')
      .addHelpText('after', helpOf(action))
      .action(async (run: string, options: DecideOptions) => {
        const id = parseRunId(run);
        const requestId = options.requestId ?? randomUUID();
        const request = {
          gate: options.gate,
          reason: options.reason,
          by: options.by ?? userOf(out),
          evidenceDigest: options.evidence,
          requestId,
          waiver: waiverOf(options, Date.now()),
        };
        await withTemporal(out, async (client) => {
          const answer = await decide(client, id, action, request);
          show(out, options.json, { run: id, requestId, ...answer }, () => renderAnswer(id, answer));
        });
      });
    if (action === 'approve')
      command
        .option('--until <when>', 'waive the failed checks until this date (UTC), instant or duration (P14D)')
        .option(
          '--max-unexpected <n>',
          'with --until: up to so many failing rows; default as many as fail now',
        );
  }
}

/**
 * Sends a decision to a run. One that comes second is refused with the decision that came first, by whom and when,
 * even when that one has ended the run since.
 */
export async function decide(
  client: Client,
  id: string,
  action: GateAction,
  request: DecisionRequest,
): Promise<DecisionAnswer> {
  const handle = client.workflow.getHandle(id);
  try {
    return await withAnswer(client, () => handle.executeUpdate(UPDATES[action], { args: [request] }));
  } catch (error) {
    if (isUnanswered(error))
      throw new CommandError(
        `no worker answered in time, so it is not known whether the decision was taken; start one (npx tidemark worker), then send the same again with --request-id ${request.requestId}`,
      );
    if (error instanceof WorkflowUpdateFailedError) throw error;
    throw (await explainLate(client, id, request, error instanceof WorkflowNotFoundError)) ?? error;
  }
}

/** A run that ends cannot answer what has just reached it, but still tells its state; null where nobody does. */
async function explainLate(client: Client, id: string, { gate }: DecisionRequest, hasClosed: boolean) {
  // A question can get lost in the moment in which a worker lets go of a run that has ended; the next does not.
  const status = (await askStatus(client, id)) ?? (await askStatus(client, id));
  const earlier = status && describeEarlier(status.gates, status.aborted, gate);
  if (earlier) return new CommandError(`refused: ${earlier}${hasClosed ? '; the run has ended since' : ''}`);
  return status && hasClosed ? new CommandError(hasEnded(id)) : null;
}

function helpOf(action: string): string {
  const run = 'ecommerce/live-2026-01-31T02:00:00Z';
  const examples = [
    `npx tidemark ${action} ${run} --reason "looked at with sales, known promotion"`,
    `npx tidemark ${action} ${run} --gate raw-1 --by dana --reason "ticket 112" --json`,
    ...(action === 'approve'
      ? [
          `npx tidemark approve ${run} --reason "ticket 112, fixed in May" --until 2026-05-31 --max-unexpected 200`,
        ]
      : []),
  ];
  const seconds =
    action === 'approve'
      ? '\n\nWhere the pipeline asks for two, the first approval is answered "waiting for a second" (exit 0) and the gate stays open.'
      : '';
  return `\nExamples:\n${examples.map((each) => `  ${each}`).join('\n')}${seconds}\n\nExit: 0 recorded, 1 refused (the reason is printed) or no answer, 2 wrong usage`;
}

function waiverOf({ until, maxUnexpected }: DecideOptions, nowMs: number): WaiverTerms | undefined {
  if (until === undefined && maxUnexpected === undefined) return undefined;
  if (until === undefined)
    throw new CommandError('--max-unexpected needs an end; add --until, such as --until P14D', EXIT.usage);
  return {
    until: parseUntil(until, nowMs),
    ...(maxUnexpected === undefined ? {} : { maxUnexpected: parseCount('--max-unexpected', maxUnexpected) }),
  };
}

function isUnanswered(error: unknown): boolean {
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  return (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    (isGrpcServiceError(cause) && (cause.code as number) === 4)
  );
}

/** What was recorded, and what happens next. */
export function renderAnswer(runId: string, { decision, next, waitsForSecond }: DecisionAnswer): string {
  const at = decision.gate === 'none' ? '' : ` at gate ${decision.gate}`;
  const limits = decision.waiver?.checks.map(
    (each) =>
      `waives ${each.subject}${each.column ? `.${each.column}` : ''} ${each.check}${each.maxUnexpected === null ? '' : ` up to ${each.maxUnexpected} rows`} until ${decision.waiver!.until}`,
  );
  return [
    `${waitsForSecond ? 'first ' : ''}${decision.action}${at} recorded for ${runId}, by ${decision.by} at ${decision.at}: ${decision.reason}`,
    ...(limits ?? []),
    `next: ${next}`,
    `watch it: npx tidemark status ${runId}`,
  ].join('\n');
}
