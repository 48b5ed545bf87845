import { expect, test } from 'vitest';
import { createRateLimit } from '../../src/adapters/postgres/rate-limit.ts';
import { runInScope, settleWithin } from '../../src/adapters/postgres/scope.ts';

const never = new Promise<never>(() => undefined);

test('the signal fires when the work is done, and when it fails, with the first reason', async () => {
  let seen: AbortSignal | undefined;
  expect(
    await runInScope([], async (scope) => {
      seen = scope;
      return scope.aborted;
    }),
  ).toBe(false);
  expect(seen!.aborted).toBe(true);

  const first = new Error('first');
  const failing = runInScope([], async (scope) => {
    seen = scope;
    await Promise.all([Promise.reject(first), never]);
  });
  await expect(failing).rejects.toBe(first);
  expect(seen!.reason).toBe(first);
});

test('an outer signal rejects at once, before or during the work', async () => {
  const outer = new AbortController();
  const running = runInScope([outer.signal], () => never);
  const reason = new Error('enough');
  outer.abort(reason);
  await expect(running).rejects.toBe(reason);
  let hasBegun = false;
  const late = runInScope([outer.signal], async () => {
    hasBegun = true;
  });
  await expect(late).rejects.toBe(reason);
  expect(hasBegun).toBe(false);
});

test('waiting for clean-up has a limit and never rejects', async () => {
  await settleWithin(60_000, [Promise.reject(new Error('ignored')), Promise.resolve()]);
  await settleWithin(10, [never]);
});

test('a rate limit is shared, lets a burst pass, and gives way to an abort', async () => {
  const limit = createRateLimit(1_000_000);
  const open = new AbortController();
  const startedAt = performance.now();
  await Promise.all([limit.take(200_000, open.signal), limit.take(200_000, open.signal)]);
  const tookMs = performance.now() - startedAt;
  expect(tookMs).toBeGreaterThan(140);
  const waiting = limit.take(1_000_000_000, open.signal);
  open.abort();
  await expect(waiting).rejects.toThrow();
  expect(() => createRateLimit(0)).toThrow(/above 0/);
});
