import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { sparkPaths } from '../setup/paths.mjs';
import { probeHttp, type ServiceSpec } from './process.ts';

export const SEARCH_ATTRIBUTES = {
  TidemarkPipeline: 'Keyword',
  TidemarkRunKind: 'Keyword',
  TidemarkState: 'Keyword',
  TidemarkInterval: 'Datetime',
  TidemarkWaitingFor: 'Keyword',
} as const;

/** Temporal's dev server with its web UI; its state is one file and survives a restart. */
export function temporalSpec(
  dir: string,
  [port, uiPort, metricsPort, httpPort]: readonly number[],
): ServiceSpec {
  return {
    name: 'temporal',
    command: sparkPaths().temporalBin,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn'],
      ...[
        '--port',
        String(port),
        '--ui-port',
        String(uiPort),
        '--metrics-port',
        String(metricsPort),
        '--http-port',
        String(httpPort),
      ],
      ...[
        '--db-filename',
        join(dir, 'temporal.db'),
        '--sqlite-pragma',
        'journal_mode=WAL',
        '--sqlite-pragma',
        'synchronous=OFF',
      ],
      ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
        '--search-attribute',
        `${name}=${type}`,
      ]),
    ],
    port: port!,
    logFile: join(dir, 'temporal.log'),
    probe: async () => {
      const connection = await Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: 2_000 });
      try {
        await connection.workflowService.describeNamespace({ namespace: 'default' });
        // The UI's own API lags a moment behind the server.
        await probeHttp(`http://127.0.0.1:${uiPort}/api/v1/namespaces`);
      } finally {
        await connection.close();
      }
    },
  };
}
