import { describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { runSuites } from '../../../activities/run-suites.ts';
import { makeLayout } from '../../../src/core/layout.ts';
import type { DecisionRecord } from '../../../src/core/publication.ts';
import type { Finding } from '../../../src/core/verdict.ts';
import { grantWaivers, nextWaivers, type Waiver } from '../../../src/core/waiver.ts';

const zones = { raw: 's3://r', clean: 's3://c', curated: 's3://u', quarantine: 's3://q', state: 's3://s' };
const layout = makeLayout(zones, 'shop');
const finding: Finding = {
  check: 'volume',
  severity: 'critical',
  subject: 'orders',
  column: null,
  message: '30 rows',
  rowCount: 90,
  failedCount: 30,
  sampleKeys: [],
};
const until = new Date(Date.now() + 86_400_000).toISOString();
const decision: DecisionRecord = {
  gate: 'raw-1',
  action: 'approve',
  by: 'ann',
  reason: 'known',
  at: new Date().toISOString(),
  evidenceDigest: 'e',
  waiver: grantWaivers({ until }, [finding]),
};
const published = nextWaivers([], 'r1', [decision], decision.at);

/** The verdict on one finding, given the waivers of the publication, and the evidence that it leaves. */
async function judge(found: Finding, waivers: readonly Waiver[], decisions: readonly DecisionRecord[] = []) {
  const objects = new Map([[layout.publication, JSON.stringify({ waivers })]]);
  const store = {
    read: async (uri: string) => (objects.has(uri) ? { text: objects.get(uri)!, etag: 'e' } : null),
    write: async (uri: string, text: string) => void objects.set(uri, text),
  };
  const stage = {
    pipeline: 'shop',
    sparkAboveRows: 1_000_000,
    runKey: 'r2',
    stage: 'raw',
    generation: 'r2-x1',
    allowed: ['approve', 'abort'],
    decisions,
  } as const;
  const signal = new AbortController().signal;
  const deps = { store, pipelines: new Map() } as unknown as ActivityDeps;
  const verdict = await runSuites(deps, layout, stage, [], {}, signal, [found]);
  return { verdict, evidence: objects.get(verdict.evidenceUri)! };
}

describe('a check that is waived in the publication', () => {
  it('holds nothing, and is told as waived in verdict and evidence', async () => {
    const { verdict, evidence } = await judge(finding, published);
    expect(verdict).toMatchObject({ findings: [], findingCount: 0, waived: [{ waiver: { id: 'r1/1' } }] });
    expect(evidence).toContain('"waived"');
    expect(JSON.parse(evidence).waived).toMatchObject([{ finding: { subject: 'orders' } }]);
  });

  it('holds again when it grows, and says beyond what', async () => {
    const { verdict } = await judge({ ...finding, failedCount: 31 }, published);
    expect(verdict.waived).toEqual([]);
    expect(verdict.findings[0]!.message).toMatch(/beyond the 30 rows that ann waived/);
  });

  it('is let pass within the run that waived it, before it is published', async () => {
    expect((await judge(finding, [], [decision])).verdict.findings).toEqual([]);
    expect((await judge(finding, [])).verdict.findings).toHaveLength(1);
  });
});
