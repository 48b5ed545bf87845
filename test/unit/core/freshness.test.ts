import { describe, expect, test } from 'vitest';
import { judgeFreshness } from '../../../src/core/freshness.ts';
import type { Publication } from '../../../src/core/publication.ts';

const NOW = Date.parse('2026-03-02T12:00:00Z');

function published(publishedAt: string, runKey = 'live-20260301T020000Z-aaaa'): Publication {
  return {
    version: 1,
    pipeline: 'shop',
    sequence: 7,
    publishedAt,
    runKey,
    runKind: 'live',
    watermarks: {
      orders: {
        source: 'shop',
        xid: '1',
        snapshotOrder: '1',
        runKey,
        systemIdentifier: '1',
        timeline: 1,
        relationIds: [],
        schemaHash: '',
      },
    },
    entities: {},
    tables: {},
    chunks: {},
    decisions: [],
    skippedEntities: [],
  };
}

function judge(publication: Publication | null, told: string | null, startedAt = '2026-01-01T00:00:00Z') {
  return judgeFreshness({
    publication,
    read: publication,
    memory: told === null ? null : { version: 1, lateAfter: told, toldAt: '' },
    startedAt,
    maxAgeMinutes: 60,
    nowMs: NOW,
  });
}

describe('a pipeline with a deadline of an hour', () => {
  const young = '2026-03-02T11:30:00Z';
  const old = '2026-03-02T10:30:00Z';
  const run = 'live-20260301T020000Z-aaaa';

  test('is fresh: nothing to tell', () => {
    expect(judge(published(young), null)).toBeNull();
  });

  test('becomes late: told once, by the run that published last', () => {
    expect(judge(published(old), null)).toEqual({ state: 'late', lateAfter: run, since: old });
    expect(judge(published(old), run)).toBeNull();
  });

  test('misses another one after that: told again', () => {
    expect(judge(published(old, 'live-20260302T020000Z-bbbb'), run)).toMatchObject({ state: 'late' });
  });

  test('publishes again: the all-clear, for what was told', () => {
    expect(judge(published(young, 'live-20260302T110000Z-bbbb'), run)).toEqual({
      state: 'fresh',
      lateAfter: run,
      since: young,
    });
  });

  test('has never published: age counts from the begin of the watch', () => {
    expect(judge(null, null, young)).toBeNull();
    expect(judge(null, null, old)).toEqual({ state: 'late', lateAfter: 'nothing', since: old });
    // Making the schedule anew is no publication.
    expect(judge(null, 'nothing', young)).toBeNull();
  });
});
