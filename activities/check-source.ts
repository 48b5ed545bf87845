import { type ContractVerdict, judgeContract } from '../src/core/contract.ts';
import { evolveEntity } from '../src/core/evolve.ts';
import { findRelationChange, findRewind, guardRead, readRewound } from '../src/core/guard.ts';
import { entityFingerprint, findEntity, type Pipeline } from '../src/core/pipeline.ts';
import type { Publication } from '../src/core/publication.ts';
import type { PlannedEntity, RunPlan, SourcePlan } from '../src/core/run.ts';
import { type Finding, sortFindings, type Verdict, worstSeverity } from '../src/core/verdict.ts';
import { addColumnStatements, warehouseNames } from '../src/core/warehouse-sql.ts';
import type { Source } from '../src/ports/source.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf, openPipeline, type RunScope, readPublicationCopy } from './manifests.ts';

type Introspection = Awaited<ReturnType<Source['introspect']>>;

interface CheckedEntity {
  readonly planned: PlannedEntity;
  readonly findings: readonly Finding[];
  readonly contract: ContractVerdict;
}

/**
 * Compares each source with the contract and with what was last seen of it, before anything is read, and guards the
 * watermark: a rewound source, a replaced table and changed columns are a verdict for a person or a full read, as the
 * policies say. The plan that comes back is the one to follow when the verdict passes or is approved.
 */
export function makeCheckSource(deps: ActivityDeps) {
  return async (input: RunScope & { plan: RunPlan }): Promise<{ plan: RunPlan; verdict: Verdict }> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const base = await readPublicationCopy(deps.store, layout, input.plan.baseSequence);
    const findings: Finding[] = [];
    const sources: SourcePlan[] = [];
    const checked: CheckedEntity[] = [];
    for (const { source, entities } of input.plan.sources) {
      const tables = entities.map((each) => findEntity(pipeline, each.name).table);
      const seen = await deps.sourceOf(pipeline, source).introspect(tables);
      const policy =
        input.kind === 'backfill' ? 'after-a-live-run' : pipeline.definition.sources[source]!.onRewind;
      const rewound = entities
        .map((each) =>
          findRewind(source, base?.watermarks[each.name] ?? base?.loads?.[each.name]?.oldest, seen, policy),
        )
        .find((each) => each !== null);
      const of = entities.map((each) => checkEntity(pipeline, base, seen, each, rewound !== undefined));
      findings.push(...(rewound ? [rewound] : []), ...of.flatMap((each) => each.findings));
      checked.push(...of);
      sources.push({ source, entities: of.map((each) => each.planned) });
    }
    // The rows of a window would be older than those that the lake has.
    const isBackfillOfRewound =
      input.kind === 'backfill' && findings.some(({ check }) => check === 'SOURCE_REWOUND');
    const isApprovable = !isBackfillOfRewound && checked.every((each) => each.contract.isApprovable);
    const text = JSON.stringify({ findings, tables: describeTables(checked) }, null, 1);
    const evidenceUri = layout.checkResult(input.runKey, 'contract', digestOf(text).slice(0, 12));
    await deps.store.write(evidenceUri, text, 'application/json');
    return {
      plan: { ...input.plan, sources },
      verdict: {
        evidenceUri,
        evidenceDigest: digestOf(text),
        findings: worstSeverity(findings) === 'info' ? [] : sortFindings(findings).slice(0, 20),
        findingCount: findings.length,
        checkCount: checked.length,
        allowed: isApprovable ? ['approve', 'retry', 'skip', 'abort'] : ['retry', 'skip', 'abort'],
      },
    };
  };
}

function checkEntity(
  pipeline: Pipeline,
  base: Publication | null,
  seen: Introspection,
  { name, read }: PlannedEntity,
  isRewound: boolean,
): CheckedEntity {
  const defined = findEntity(pipeline, name);
  const entity = evolveEntity(defined, base?.evolved?.[name] ?? []);
  const watermark = base?.watermarks[name];
  const table = seen.tables[entity.table] ?? null;
  const isUnchanged = watermark !== undefined && watermark.schemaHash === table?.schemaHash;
  const contract = judgeContract({
    entity,
    read,
    table,
    // Publications of older versions say by a digest only how the table was.
    seen: watermark?.seen ?? (isUnchanged ? table!.columns : null),
    isContractNew: base?.entities[name]?.definitionDigest !== digestOf(entityFingerprint(defined)),
    hasChanged: watermark !== undefined && !isUnchanged,
    statementsFor: (column) =>
      addColumnStatements(warehouseNames(pipeline.definition.name), pipeline.models, name, column),
  });
  if (!table) return { planned: { name, read }, findings: contract.findings, contract };
  const relation = findRelationChange(entity, read, watermark, table);
  const guarded = isRewound
    ? readRewound(read)
    : guardRead(read, watermark, table, seen.snapshot, contract.reread);
  const planned: PlannedEntity = { name, read: guarded, schemaHash: table.schemaHash };
  const isAsDefined =
    contract.columns.map((each) => each.name).join() === Object.keys(defined.columns).join();
  return {
    planned: isAsDefined ? planned : { ...planned, columns: contract.columns },
    findings: relation ? [relation, ...contract.findings] : contract.findings,
    contract,
  };
}

/** The diff of each table that differs, and the statements that carrying its new columns leads to. */
function describeTables(checked: readonly CheckedEntity[]) {
  const differing = checked.filter(({ contract }) => contract.drifts.length > 0);
  return Object.fromEntries(
    differing.map(({ planned, contract: { drifts, statements } }) => [planned.name, { drifts, statements }]),
  );
}
