import type { Alert, AlertChannel } from '../src/ports/alerts.ts';
import type { ActivityDeps } from './deps.ts';

/** An alert, and the one channel that it goes to; without a name it goes to all. */
export type AlertDelivery = Alert & { readonly channel?: string };

/**
 * Sends an alert; fails, to be sent again, when the channel does not take it. A channel that the worker no longer
 * has is passed over: it was taken out of the settings while the alert waited.
 */
export function makeSendAlert(deps: ActivityDeps) {
  return async ({ channel, ...alert }: AlertDelivery): Promise<void> => {
    const isMeant = ({ name }: AlertChannel) => channel === undefined || name === channel;
    await Promise.all(deps.alerts.filter(isMeant).map((each) => each.send(alert)));
  };
}

/** Names of the channels that the worker has. */
export function makeListAlertChannels(deps: ActivityDeps) {
  return async (_: Record<string, never>): Promise<string[]> => deps.alerts.map(({ name }) => name);
}
