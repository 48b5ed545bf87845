import { ApplicationFailure, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkflowBench, type WorkflowBench } from '../support/workflow-env.ts';

let bench: WorkflowBench;
beforeAll(async () => {
  bench = await openWorkflowBench();
});
afterAll(() => bench.close());

/** The workflow that brings the run's first alert. */
async function firstAlertOf(run: Pick<WorkflowHandle, 'fetchHistory'>): Promise<WorkflowHandle> {
  const { events } = await run.fetchHistory();
  const started = events!.find((event) => event.childWorkflowExecutionStartedEventAttributes);
  const { workflowId } = started!.childWorkflowExecutionStartedEventAttributes!.workflowExecution!;
  return bench.env.client.workflow.getHandle(workflowId!);
}

it('an alert that no channel takes is given up after three days, visibly, while the run is long done', async () => {
  const warning = { evidenceUri: 's3://e', evidenceDigest: 'e', findingCount: 1, checkCount: 1 };
  await bench.withRun(
    {
      listAlertChannels: async () => ['webhook'],
      sendAlert: async () => {
        throw ApplicationFailure.create({ message: 'down', nextRetryDelay: '1 day' });
      },
      checkRaw: async () => ({ ...warning, allowed: [], findings: [late] }),
    },
    async (run) => {
      expect((await run.result()).state).toBe('published');
      const alert = await firstAlertOf(run);
      await expect(alert.result()).rejects.toMatchObject({ cause: { message: 'never taken by webhook' } });
    },
  );
});

const late = {
  check: 'expect_table_row_count_to_be_between',
  severity: 'warning',
  subject: 'orders',
  column: null,
  message: 'few rows',
  rowCount: null,
  failedCount: null,
  sampleKeys: [],
} as const;
