import { TidemarkError } from '../../core/errors.ts';
import type { Alert, AlertChannel } from '../../ports/alerts.ts';
import { slackMessage } from './slack-message.ts';

export interface WebhookOptions {
  /** Secret: whoever has it can post. It appears in no message. */
  readonly url: string;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

/**
 * Posts alerts as Slack-compatible JSON. Anything but a 2xx is `ALERT_UNDELIVERED`, to be tried again, after the
 * time that `Retry-After` asks for. The header `Idempotency-Key` is the same for each try of one alert, so that a
 * relay can drop repeats; Slack itself ignores it.
 */
export function createWebhookAlerts({ url, timeoutMs = 10_000 }: WebhookOptions): AlertChannel {
  return {
    name: 'webhook',
    send: async (alert) => {
      const response = await post(url, alert, timeoutMs);
      // The answer may quote the request, or the address: its status is enough.
      await response.body?.cancel();
      if (response.ok) return;
      throw new TidemarkError('ALERT_UNDELIVERED', `the alert webhook answered ${response.status}`, {
        retryAfterMs: retryAfterMs(response),
      });
    },
  };
}

async function post(url: string, alert: Alert, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'idempotency-key': `${encodeURIComponent(alert.dedupKey)}/${alert.kind}/${alert.at}`,
      },
      body: JSON.stringify(slackMessage(alert)),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    // Neither text nor cause of what fetch throws is passed on: both may hold the address.
    const cause = error instanceof Error ? error.cause : undefined;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    const why = isLate ? `gave no answer in ${timeoutMs} ms` : `cannot be reached${code ? ` (${code})` : ''}`;
    throw new TidemarkError('ALERT_UNDELIVERED', `the alert webhook ${why}`);
  }
}

function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3_600) * 1_000 : undefined;
}
