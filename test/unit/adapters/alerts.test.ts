import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConsoleAlerts } from '../../../src/adapters/alerts/console.ts';
import { slackMessage } from '../../../src/adapters/alerts/slack-message.ts';
import { createWebhookAlerts } from '../../../src/adapters/alerts/webhook.ts';
import type { TidemarkError } from '../../../src/core/errors.ts';
import type { Alert } from '../../../src/ports/alerts.ts';
import { type HttpReceiver, openReceiver } from '../../support/http-receiver.ts';

const alert: Alert = {
  kind: 'gate-opened',
  dedupKey: 'ingest/shop/live-1/raw-1',
  severity: 'critical',
  pipeline: 'shop',
  runKey: 'live-1',
  workflowId: 'ingest/shop/live-1',
  title: 'shop: 1 critical check failed at raw (of 3)',
  lines: ['critical: orders.total: 30 of 90 rows fail', 'reason: <!channel> & <https://evil|here>'],
  commands: [{ command: 'npx tidemark approve RUN', effect: 'goes on' }],
  at: '2024-01-02T00:00:00Z',
};

describe('a message for Slack', () => {
  it('has a text for notifications, and blocks with findings, commands and effects', () => {
    const { text, blocks } = slackMessage(alert);
    expect(text).toBe(':red_circle: shop: 1 critical check failed at raw (of 3)');
    expect(blocks.map((each) => each.type)).toEqual(['header', 'section', 'section', 'context']);
    const all = JSON.stringify(blocks);
    expect(all).toContain('30 of 90 rows fail');
    expect(all).toContain('`npx tidemark approve RUN`\\ngoes on');
    expect(all).toContain('ingest/shop/live-1/raw-1');
  });

  it('mentions nobody and links nowhere, whatever a reason says', () => {
    expect(JSON.stringify(slackMessage(alert))).not.toMatch(/<!channel>|<https/);
  });

  it("keeps to Slack's lengths", () => {
    const long = slackMessage({ ...alert, title: 'x'.repeat(999), lines: ['y'.repeat(9_999)], commands: [] });
    for (const block of long.blocks)
      if (block.type === 'header') expect(block.text.text).toHaveLength(150);
      else if (block.type === 'section') expect(block.text.text).toHaveLength(3_000);
  });
});

describe('the webhook', () => {
  let receiver: HttpReceiver;
  beforeEach(async () => {
    receiver = await openReceiver();
  });
  afterEach(() => receiver.close());

  it('posts JSON with a key that stays the same over tries', async () => {
    const channel = createWebhookAlerts({ url: receiver.url });
    await channel.send(alert);
    await channel.send(alert);
    const [one, other] = receiver.received;
    expect(one!.headers['content-type']).toMatch(/^application\/json/);
    expect(JSON.parse(one!.body)).toEqual(slackMessage(alert));
    expect(other!.headers['idempotency-key']).toBe(one!.headers['idempotency-key']);
  });

  const failures: readonly [string, (one: HttpReceiver) => Promise<string> | string, RegExp][] = [
    ['an error status', (one) => answering(one, 500), /answered 500$/],
    ['a redirect', (one) => answering(one, 302), /cannot be reached/],
    [
      'a server that is down',
      async (one) => {
        await one.close();
        return one.url;
      },
      /cannot be reached \(ECONNREFUSED\)$/,
    ],
  ];
  it.each(failures)(
    'fails, to be tried again, with %s, and does not name the address',
    async (_, prepare, message) => {
      const url = await prepare(receiver);
      const error = await createWebhookAlerts({ url })
        .send(alert)
        .then(
          () => null,
          (failure: TidemarkError) => failure,
        );
      expect(error).toMatchObject({ code: 'ALERT_UNDELIVERED', retryable: true });
      expect(error!.message).toMatch(message);
      expect(`${error!.stack} ${JSON.stringify(error)} ${String(error!.cause)}`).not.toMatch(
        /s3cr3t|may quote/,
      );
    },
  );

  it('waits as long as the receiver asks', async () => {
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '7' } });
    const sent = createWebhookAlerts({ url: receiver.url }).send(alert);
    await expect(sent).rejects.toMatchObject({ retryAfterMs: 7_000 });
  });
});

function answering(receiver: HttpReceiver, status: number): string {
  receiver.answer = () => ({
    status,
    ...(status === 302 ? { headers: { location: 'http://127.0.0.1:1/' } } : {}),
  });
  return receiver.url;
}

it('the console prints what is wrong and what to type', async () => {
  const printed: string[] = [];
  await createConsoleAlerts((text) => printed.push(text)).send(alert);
  expect(printed.join('')).toMatch(
    /^ALERT critical gate-opened [\s\S]*30 of 90[\s\S]*npx tidemark approve RUN {2}# goes on\n$/,
  );
});
