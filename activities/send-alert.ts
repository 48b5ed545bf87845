import type { Alert } from '../src/ports/alerts.ts';
import type { ActivityDeps } from './deps.ts';

/** Sends an alert to every channel; fails, to be sent again, when one of them fails. */
export function makeSendAlert(deps: ActivityDeps) {
  return async (alert: Alert): Promise<void> => {
    await Promise.all(deps.alerts.map((channel) => channel.send(alert)));
  };
}
