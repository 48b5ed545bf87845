import { readdirSync, readFileSync } from 'node:fs';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleWorkflows, silenceSdk } from '../support/workflow-env.ts';

const FOLDER = new URL('../histories/', import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

interface RecordedEvent {
  readonly eventType: string;
  readonly workflowExecutionStartedEventAttributes?: { continuedExecutionRunId?: string };
  readonly activityTaskScheduledEventAttributes?: { activityType: { name: string } };
}

function readHistory(name: string): { events: RecordedEvent[] } {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { events: RecordedEvent[] };
}

let workflowBundle: WorkflowBundle;
beforeAll(async () => {
  silenceSdk();
  workflowBundle = await bundleWorkflows();
});

describe("today's workflows go on with what was recorded", () => {
  it('finds histories', () => {
    expect(files.length).toBeGreaterThan(5);
  });

  it('finds one of a backfill that continued as new', () => {
    const [first] = readHistory(files.find((name) => name.endsWith('-continued-as-new.json'))!).events;
    expect(first!.workflowExecutionStartedEventAttributes!.continuedExecutionRunId).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  it.each(files)('%s', async (name) => {
    await expect(
      Worker.runReplayHistory({ workflowBundle, replayName: name }, readHistory(name)),
    ).resolves.toBeUndefined();
  });
});

describe('a changed workflow is caught', () => {
  it('when it calls another activity than the recorded one', async () => {
    const history = readHistory(files.find((name) => name.endsWith('-published.json'))!);
    const scheduled = history.events.find(
      (event) => event.activityTaskScheduledEventAttributes?.activityType.name === 'cleanEntities',
    )!;
    scheduled.activityTaskScheduledEventAttributes!.activityType.name = 'cleanSomethingElse';
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).rejects.toMatchObject({
      name: 'DeterminismViolationError',
    });
  });
});
