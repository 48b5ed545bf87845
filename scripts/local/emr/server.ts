import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { serveAwsJson } from '../aws-json.ts';
import { emrOperations } from './operations.ts';
import { Scheduler } from './scheduler.ts';
import { StateFolder } from './state-folder.ts';
import { parseStepFault } from './step-faults.ts';

// A local stand-in for EMR on EC2: a cluster is a queue, a step really runs spark-submit on this machine.
// Usage: node --import tsx scripts/local/emr/server.ts --port P --state DIR, with AWS_* in the environment for S3.
// Knobs: POST /_steps arms a fault of a step (see step-faults.ts), POST /_steps/clear disarms all,
// POST /_steps/interrupt ends all running steps and answers when their processes are gone.
const { values } = parseArgs({ options: { port: { type: 'string' }, state: { type: 'string' } } });
if (values.port === undefined || values.state === undefined) {
  console.error('usage: server.ts --port PORT --state DIR');
  process.exit(2);
}

const state = new StateFolder(resolve(values.state));
const scheduler = new Scheduler(state, process.env);
await serveAwsJson({
  targetPrefix: 'ElasticMapReduce',
  port: Number(values.port),
  operations: emrOperations(state),
  admin: {
    '/_steps': async (input) => {
      state.armedFaults.push(parseStepFault(input));
      state.saveArmedFaults();
      return { armed: state.armedFaults };
    },
    '/_steps/clear': async () => {
      state.armedFaults.length = 0;
      state.saveArmedFaults();
      return { armed: [] };
    },
    '/_steps/interrupt': () => scheduler.interruptAll(),
  },
  onShutdown: () => scheduler.stop(),
});
