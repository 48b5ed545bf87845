import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createActivities } from '../../activities/index.ts';
import { createConsoleAlerts } from '../../src/adapters/alerts/console.ts';
import { createWebhookAlerts } from '../../src/adapters/alerts/webhook.ts';
import type { Alert } from '../../src/ports/alerts.ts';
import { approveSignal } from '../../workflows/messages.ts';
import { type HttpReceiver, openReceiver } from '../support/http-receiver.ts';
import { failing, openWorkflowBench, untilGate, type WorkflowBench } from '../support/workflow-env.ts';

let bench: WorkflowBench;
let receiver: HttpReceiver;
beforeAll(async () => {
  bench = await openWorkflowBench();
  receiver = await openReceiver();
});
afterAll(async () => {
  await receiver.close();
  await bench.close();
});

const published = (runKey: string): Alert => ({
  kind: 'run-published',
  dedupKey: 'ingest/shop/1',
  severity: 'info',
  pipeline: 'shop',
  runKey,
  workflowId: 'ingest/shop/1',
  title: 'shop: published',
  lines: ['extracted orders 90'],
  commands: [],
  at: '2024-01-02T00:00:00Z',
});

/** The real activities of alerts, with a console that is kept and a webhook to `url`. */
function channels(url: string, printed: string[]) {
  const alerts = [createConsoleAlerts((text) => printed.push(text)), createWebhookAlerts({ url })];
  const { sendAlert, listAlertChannels } = createActivities({ alerts } as unknown as ActivityDeps);
  return { sendAlert, listAlertChannels };
}

const kindsOf = (text: string) => text.match(/(gate|run)-[a-z]+(?= ·)/g);

describe('a channel that is down', () => {
  it('neither holds nor fails a run; it is told in the end, and the other channel once', async () => {
    const answers: number[] = [];
    receiver.answer = (nth) => {
      answers.push(nth <= 15 ? 503 : 200);
      return { status: answers.at(-1)! };
    };
    const printed: string[] = [];
    let verdict = failing;
    await bench.withRun(
      {
        ...channels(receiver.url, printed),
        checkRaw: async () => verdict,
        announceRun: async ({ runKey }) => ({ recordUri: 's3://state/run.json', alert: published(runKey) }),
      },
      async (run) => {
        await untilGate(run, 'raw-1');
        verdict = { ...failing, findings: [] };
        await run.signal(approveSignal, { reason: 'fine', by: 'ann' });
        expect((await run.result()).state).toBe('published');

        const { events } = await run.fetchHistory();
        const ids = events!.flatMap(
          (event) => event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId ?? [],
        );
        expect(ids).toHaveLength(3);
        // The run is done, and nothing has got through yet.
        expect(answers).not.toContain(200);
        for (const id of ids) await bench.env.client.workflow.getHandle(id).result();
        const told = receiver.received
          .filter((_, index) => answers[index] === 200)
          .map(({ body }) => kindsOf(body)?.[0]);
        expect(told.sort()).toEqual(['gate-decided', 'gate-opened', 'run-published']);
        expect(printed.map((text) => text.split(' ')[2])).toEqual([
          'gate-opened',
          'gate-decided',
          'run-published',
        ]);

        const histories = await Promise.all(
          [run.workflowId, ...ids].map((id) => bench.env.client.workflow.getHandle(id).fetchHistory()),
        );
        for (const history of histories) expect(historyToJSON(history)).not.toMatch(/s3cr3t|127\.0\.0\.1/);
      },
    );
  });
});
