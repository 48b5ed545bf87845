import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { type LimitedKind, Limits } from '../../../activities/limits.ts';
import type { Pipeline } from '../../../src/core/pipeline.ts';

const one = { sparkSteps: 1, warehouseStatements: 1, extracts: 1, checks: 1 };

function makeLimits(limits: Record<string, Record<LimitedKind, number>>): Limits {
  const pipelines = Object.entries(limits).map(
    ([name, each]) => [name, { definition: { name, limits: each } } as unknown as Pipeline] as const,
  );
  return new Limits(new Map(pipelines));
}

/** Work that a test lets go; tells of its begin. */
function makeWork(begun: string[], name: string) {
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<string>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve(name));
  });
  const work = () => {
    begun.push(name);
    return ended;
  };
  return { work, end };
}

/** Lets what is ready happen. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** An activity that does work while it holds a place; what it heartbeats is kept. */
function start(
  limits: Limits,
  work: () => Promise<string>,
  { pipeline = 'shop', kind = 'extracts' as LimitedKind, underWay = false, left = {} } = {},
) {
  const env = new MockActivityEnvironment({ heartbeatDetails: left }, { logger: new DefaultLogger('ERROR') });
  const beats: unknown[] = [];
  env.on('heartbeat', (details: unknown) => beats.push(details));
  const result = env.run(() => limits.hold(pipeline, kind, work, underWay)) as Promise<string>;
  result.catch(() => undefined);
  return { env, beats, result };
}

describe('limits', () => {
  it('give a place in the order of asking, one for one that became free', async () => {
    const limits = makeLimits({ shop: { ...one, extracts: 2 } });
    const begun: string[] = [];
    const works = ['a', 'b', 'c', 'd'].map((name) => makeWork(begun, name));
    const runs = works.map(({ work }) => start(limits, work));
    await settle();
    expect(begun).toEqual(['a', 'b']);
    works[1]!.end();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    works[0]!.end();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    for (const { end } of works) end();
    expect(await Promise.all(runs.map(({ result }) => result))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('let nobody slip in before the first who waits', async () => {
    const limits = makeLimits({ shop: one });
    const begun: string[] = [];
    const [a, b, c] = ['a', 'b', 'c'].map((name) => makeWork(begun, name));
    const first = start(limits, a!.work);
    start(limits, b!.work);
    a!.end();
    await first.result;
    start(limits, c!.work);
    await settle();
    expect(begun).toEqual(['a', 'b']);
  });

  it('take a place back from work that fails', async () => {
    const limits = makeLimits({ shop: one });
    const begun: string[] = [];
    const [a, b] = ['a', 'b'].map((name) => makeWork(begun, name));
    const failed = start(limits, a!.work);
    start(limits, b!.work);
    a!.end(new Error('broken'));
    await expect(failed.result).rejects.toThrow('broken');
    await settle();
    expect(begun).toEqual(['a', 'b']);
  });

  it('let one who is cancelled out of the queue at once, also when its turn has just come', async () => {
    const limits = makeLimits({ shop: one });
    const begun: string[] = [];
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => makeWork(begun, name));
    start(limits, a!.work);
    const [second, third] = [start(limits, b!.work), start(limits, c!.work)];
    start(limits, d!.work);
    await settle();
    second.env.cancel();
    await expect(second.result).rejects.toBeInstanceOf(CancelledFailure);
    a!.end();
    third.env.cancel();
    await expect(third.result).rejects.toBeInstanceOf(CancelledFailure);
    await settle();
    expect(begun).toEqual(['a', 'd']);
  });

  it('count work that is under way outside, and do not hold it up', async () => {
    const limits = makeLimits({ shop: one });
    const begun: string[] = [];
    const [a, b, c] = ['a', 'b', 'c'].map((name) => makeWork(begun, name));
    start(limits, a!.work);
    const adopted = start(limits, b!.work, { underWay: true });
    start(limits, c!.work);
    await settle();
    expect(begun).toEqual(['a', 'b']);
    a!.end();
    await settle();
    expect(begun).toEqual(['a', 'b']);
    b!.end();
    await adopted.result;
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('start work that is under way outside although the activity is cancelled: it has to end that', async () => {
    const begun: string[] = [];
    const { work, end } = makeWork(begun, 'a');
    const env = new MockActivityEnvironment();
    env.cancel();
    const result = env.run(() => makeLimits({ shop: one }).hold('shop', 'sparkSteps', work, true));
    end();
    await result;
    expect(begun).toEqual(['a']);
  });

  it('are apart by pipeline and kind', async () => {
    const limits = makeLimits({ shop: one, desk: one });
    const begun: string[] = [];
    start(limits, makeWork(begun, 'shop extract').work);
    start(limits, makeWork(begun, 'shop step').work, { kind: 'sparkSteps' });
    start(limits, makeWork(begun, 'desk extract').work, { pipeline: 'desk' });
    start(limits, makeWork(begun, 'second extract').work);
    await settle();
    expect(begun).toEqual(['shop extract', 'shop step', 'desk extract']);
  });

  it('leave it to the work to refuse an unknown pipeline', async () => {
    const begun: string[] = [];
    const { work, end } = makeWork(begun, 'a');
    end();
    await start(makeLimits({}), work, { pipeline: 'nope' }).result;
    expect(begun).toEqual(['a']);
  });

  it('heartbeat for whom waits, with what an earlier try left, and leave just that when the wait is over', async () => {
    const limits = makeLimits({ shop: one });
    const begun: string[] = [];
    const [a, b] = ['a', 'b'].map((name) => makeWork(begun, name));
    start(limits, a!.work);
    const left = { finished: { parts: [] } };
    const waiting = start(limits, b!.work, { left });
    await settle();
    const waitsFor = { kind: 'extracts', limit: 1, since: expect.stringMatching(/Z$/) };
    expect(waiting.beats).toEqual([{ ...left, waitsFor }]);
    a!.end();
    await settle();
    expect(waiting.beats.at(-1)).toEqual(left);
  });
});
