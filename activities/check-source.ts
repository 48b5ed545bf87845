import { checkContract } from '../src/core/contract.ts';
import type { EntityRead } from '../src/core/manifest.ts';
import { findEntity } from '../src/core/pipeline.ts';
import type { Watermark } from '../src/core/publication.ts';
import type { RunPlan, SourcePlan } from '../src/core/run.ts';
import {
  type Finding,
  type GateAction,
  sortFindings,
  type Verdict,
  worstSeverity,
} from '../src/core/verdict.ts';
import type { Source } from '../src/ports/source.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf, openPipeline, type RunScope, readPublicationCopy } from './manifests.ts';

type Introspection = Awaited<ReturnType<Source['introspect']>>;

/**
 * Compares each source with the contract before anything is read, and guards the watermark: another server,
 * another timeline or a snapshot behind the published one is a verdict for a person (an approval reads the
 * source whole); a rebuilt table or a changed schema is read whole at once.
 */
export function makeCheckSource(deps: ActivityDeps) {
  return async (input: RunScope & { plan: RunPlan }): Promise<{ plan: RunPlan; verdict: Verdict }> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const base = await readPublicationCopy(deps.store, layout, input.plan.baseSequence);
    const findings: Finding[] = [];
    const sources: SourcePlan[] = [];
    for (const { source, entities } of input.plan.sources) {
      const tables = entities.map((each) => findEntity(pipeline, each.name).table);
      const seen = await deps.sourceOf(pipeline, source).introspect(tables);
      findings.push(
        ...entities.flatMap((each) => {
          const entity = findEntity(pipeline, each.name);
          return checkContract(entity, seen.tables[entity.table] ?? null);
        }),
      );
      const rewound = entities
        .flatMap((each) => findRewind(source, base?.watermarks[each.name], seen))
        .slice(0, 1);
      findings.push(...rewound);
      sources.push({
        source,
        entities: entities.map((each) => ({
          name: each.name,
          read:
            rewound.length > 0
              ? readRewound(each.read)
              : guardRead(
                  each.read,
                  base?.watermarks[each.name],
                  seen,
                  findEntity(pipeline, each.name).table,
                ),
        })),
      });
    }
    const isBroken = findings.some((each) => each.severity === 'critical' && each.check === 'contract');
    const allowed: GateAction[] = isBroken
      ? ['retry', 'skip', 'abort']
      : ['approve', 'retry', 'skip', 'abort'];
    const evidenceUri = layout.checkResult(
      input.runKey,
      'contract',
      digestOf(JSON.stringify(findings)).slice(0, 12),
    );
    await deps.store.write(evidenceUri, JSON.stringify(findings, null, 1), 'application/json');
    return {
      plan: { ...input.plan, sources },
      verdict: {
        evidenceUri,
        evidenceDigest: digestOf(JSON.stringify(findings)),
        findings: worstSeverity(findings) === 'info' ? [] : sortFindings(findings).slice(0, 20),
        findingCount: findings.length,
        checkCount: input.plan.sources.reduce((sum, each) => sum + each.entities.length, 0),
        allowed,
      },
    };
  };
}

function findRewind(source: string, watermark: Watermark | undefined, seen: Introspection): Finding[] {
  if (!watermark) return [];
  const { server, snapshot } = seen;
  const what =
    server.systemIdentifier !== watermark.systemIdentifier
      ? `is another server than the one that was read (system identifier ${server.systemIdentifier}, before ${watermark.systemIdentifier})`
      : server.timeline !== watermark.timeline
        ? `is on timeline ${server.timeline}, before ${watermark.timeline}: a failover or point-in-time restore happened`
        : BigInt(snapshot.xmax) < BigInt(watermark.xid)
          ? `is at transaction ${snapshot.xmax}, behind the published watermark ${watermark.xid}: it was restored from a backup`
          : null;
  if (!what) return [];
  return [
    {
      check: 'SOURCE_REWOUND',
      severity: 'critical',
      subject: source,
      column: null,
      message: what,
      rowCount: null,
      failedCount: null,
      sampleKeys: [],
    },
  ];
}

/** Beyond this many transactions the 32-bit xids of rows can no longer be compared safely. */
const MAX_XID_DISTANCE = 1_500_000_000n;

function guardRead(
  read: EntityRead,
  watermark: Watermark | undefined,
  { tables, snapshot }: Introspection,
  name: string,
): EntityRead {
  const table = tables[name];
  if (read.mode !== 'incremental' || !watermark || !table) return read;
  if (table.kind === 'view') return readWhole(read, 'it is a view, which has no row versions');
  if (table.relationIds.join() !== watermark.relationIds.join())
    return readWhole(read, 'its table or partitions were replaced');
  if (table.schemaHash !== watermark.schemaHash) return readWhole(read, 'its columns changed at the source');
  if (BigInt(snapshot.xmax) - BigInt(read.fromXid) > MAX_XID_DISTANCE)
    return readWhole(read, 'the watermark is too many transactions ago');
  return read;
}

/** Transaction ids of a restored source start below those that the lake has seen, so nothing of it may win by age. */
function readRewound(read: EntityRead): EntityRead {
  return read.mode === 'incremental' || read.mode === 'full'
    ? { mode: 'full', reason: 'the source was rewound', isRewound: true }
    : read;
}

function readWhole(read: EntityRead, reason: string): EntityRead {
  return read.mode === 'incremental' ? { mode: 'full', reason } : read;
}
