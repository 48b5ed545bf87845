import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRunning } from '../../scripts/local/process.ts';
import { attachStack, readState, startStack } from '../../scripts/local/stack.ts';
import { CHECKOUT } from '../../scripts/setup/paths.mjs';
import { until } from '../support/postgres.ts';

let dir: string;

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'tidemark-stack-')), 'stack');
});

afterEach(() => {
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

describe('a stack', () => {
  test('stops with everything that its services started', async () => {
    const stack = await startStack({ dir, services: ['postgres'] });
    const left = spawn('sleep', ['600'], { detached: true, env: { ...process.env, ...stack.mark } });
    const gone = once(left, 'exit');
    const started = stack.services();
    expect(started.map((each) => each.name)).toEqual(['postgres']);
    await stack.stop();
    await gone;
    expect(started.filter(isRunning)).toEqual([]);
    expect(stack.services()).toEqual([]);
  });

  test('continues a killed service on its port and data, also for another process', async () => {
    const stack = await startStack({ dir, services: ['postgres'] });
    try {
      await query(stack.env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!, 'create table kept as select 7 as seven');
      const other = attachStack(dir);
      await other.kill('postgres');
      await other.start('postgres');
      expect(await query(stack.env.TIDEMARK_SOURCE_SHOP_URL!, 'table kept')).toEqual([{ seven: 7 }]);
      await expect(query(stack.env.TIDEMARK_SOURCE_SHOP_URL!, 'drop table kept')).rejects.toThrow(
        'read-only',
      );
    } finally {
      await stack.stop();
    }
  });

  test('says which services run when it is started twice', async () => {
    const stack = await startStack({ dir, services: ['postgres'] });
    try {
      await expect(startStack({ dir, services: ['postgres'] })).rejects.toThrow('already runs in');
      expect(stack.services().every(isRunning)).toBe(true);
    } finally {
      await stack.stop();
    }
  });

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'ends when its owner ends by %s, in the middle of its start or after it',
    async (signal) => {
      for (const moment of ['first service', 'ready'] as const) {
        const owner = startOwner();
        await until(async () => reached(moment), 60_000);
        const { services, plan } = readState(dir)!;
        owner.kill(signal);
        await once(owner, 'exit');
        await until(async () => !(await anyMarked(plan.id)), 15_000);
        expect(services.length).toBeGreaterThan(0);
        expect(services.filter(isRunning)).toEqual([]);
        rmSync(dir, { recursive: true });
      }
    },
  );
});

// Another process that starts a stack and waits, as a person's terminal would.
function startOwner(): ChildProcess {
  const script = `import { startStack } from './scripts/local/stack.ts';
    await startStack({ dir: ${JSON.stringify(dir)}, services: ['postgres', 'seaweedfs'] });
    setInterval(() => undefined, 60_000);`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  return spawn(process.execPath, args, { cwd: CHECKOUT, stdio: 'ignore' });
}

function reached(moment: 'first service' | 'ready'): boolean {
  const services = readState(dir)?.services ?? [];
  return moment === 'first service' ? services.length > 0 : services.length === 2;
}

async function anyMarked(id: string): Promise<boolean> {
  const args = ['-c', `grep -laF "TIDEMARK_LOCAL_STACK=${id}" /proc/[0-9]*/environ 2>/dev/null || true`];
  const { stdout } = await promisify(execFile)('/bin/sh', args);
  return stdout.trim() !== '';
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
