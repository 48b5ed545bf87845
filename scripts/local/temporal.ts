import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sparkPaths } from '../setup/paths.mjs';
import type { StackPlan } from './plan.ts';
import type { Service } from './service.ts';
import { httpUrl } from './stack-env.ts';

const SEARCH_ATTRIBUTES = {
  TidemarkPipeline: 'Keyword',
  TidemarkRunKind: 'Keyword',
  TidemarkState: 'Keyword',
  TidemarkInterval: 'Datetime',
  TidemarkWaitingFor: 'Keyword',
  TidemarkWaitingSince: 'Datetime',
};

/** Temporal's development server with its web UI; its database is a file, so it continues after a restart. */
export function temporalService(dir: string, plan: StackPlan): Service {
  const { temporal, temporalUi, temporalMetrics, temporalHttp } = plan.ports;
  const dataDir = join(dir, 'temporal');
  return {
    name: 'temporal',
    port: temporal,
    command: [
      sparkPaths().temporalBin,
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn'],
      ...['--port', `${temporal}`, '--ui-port', `${temporalUi}`],
      ...['--metrics-port', `${temporalMetrics}`, '--http-port', `${temporalHttp}`],
      ...['--db-filename', join(dataDir, 'temporal.db')],
      // A killed process loses nothing by these, only a machine that loses its power; without them it is four times slower.
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=OFF'],
      ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
        '--search-attribute',
        `${name}=${type}`,
      ]),
    ],
    env: {},
    stopSignal: 'SIGTERM',
    stopGraceMs: 1_500,
    logFile: join(dir, 'temporal.log'),
    prepare: async () => {
      await mkdir(dataDir, { recursive: true });
    },
    // Through the UI, which is the last to answer, and so through the server behind it.
    probe: async () => {
      const response = await fetch(`${httpUrl(temporalUi)}/api/v1/namespaces`, {
        signal: AbortSignal.timeout(5_000),
      });
      const body = await response.text();
      if (!response.ok || !body.includes('"default"')) throw new Error(`the UI answers ${response.status}`);
    },
  };
}
