import type { Alert, AlertChannel } from '../../ports/alerts.ts';

/** Prints alerts to standard output, to be read by a person or collected with the worker's log. */
export function createConsoleAlerts(
  print: (text: string) => void = (text) => process.stdout.write(text),
): AlertChannel {
  return {
    name: 'console',
    send: async (alert) => print(`${renderAlert(alert)}\n`),
  };
}

/** An alert as plain text: head, what is wrong, and the commands with what each does. */
function renderAlert(alert: Alert): string {
  const width = Math.max(0, ...alert.commands.map(({ command }) => command.length));
  return [
    `ALERT ${alert.severity} ${alert.kind} ${alert.at}`,
    `  ${alert.title}`,
    ...alert.lines.map((line) => `  - ${line}`),
    ...(alert.commands.length > 0
      ? [
          '  type one of:',
          ...alert.commands.map(({ command, effect }) => `    ${command.padEnd(width)}  # ${effect}`),
        ]
      : []),
  ].join('\n');
}
