import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { TidemarkError } from '../src/core/errors.ts';
import { type NativeColumn, type NativeTables, nativeType, planShape } from '../src/core/native-shape.ts';
import {
  columnsQuery,
  type LoadedGenerations,
  ledgerQuery,
  loadedQuery,
  loadStatements,
  setupStatements,
  staleParts,
  warehouseNames,
} from '../src/core/warehouse-sql.ts';
import type { QueryResult, StatementOptions } from '../src/ports/warehouse.ts';
import type { ActivityDeps } from './deps.ts';
import { digestOf, openPipeline, type RunScope, readPublication } from './manifests.ts';

/**
 * Brings Redshift to the current publication: schemas and tables, then one transaction that brings the tables'
 * columns along, replaces the partitions that differ, switches the Spectrum views and writes the ledger row. What is already loaded is
 * left alone, so it can be repeated at will, and heals what an earlier crash left behind.
 */
export function makeLoadWarehouse(deps: ActivityDeps) {
  return async (
    input: RunScope & { sequence: number },
  ): Promise<{ sequence: number; replaced: Record<string, number> }> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const publication = (await readPublication(deps.store, layout))!.publication;
    const names = warehouseNames(input.pipeline);
    const options: StatementOptions = {
      signal: cancellationSignal(),
      onPoll: (statementId) => heartbeat({ statementId }),
    };

    for (const sql of setupStatements(names, deps.redshiftIamRole, pipeline.models))
      await deps.warehouse.execute(sql, options);
    const loaded = loadedGenerations(await deps.warehouse.query(loadedQuery(names), options));
    const described = await deps.warehouse.query(columnsQuery(names), options);
    const native = nativeTables(described);
    const statements = loadStatements(names, publication, pipeline.models, loaded, native);
    // A failed statement keeps its token, so each attempt has its own; the ledger guards against loading twice.
    const token = digestOf(`${activityInfo().attempt}/${statements.join(';')}/${Date.now()}`);
    try {
      await deps.warehouse.transact(statements, { ...options, token });
    } catch (error) {
      const newest = Number((await deps.warehouse.query(ledgerQuery(names), options)).rows[0]?.[0] ?? 0);
      // Another run has loaded a newer publication meanwhile: ours is in it, since publications build on each other.
      if (newest > publication.sequence) return { sequence: newest, replaced: {} };
      const now = await deps.warehouse.query(columnsQuery(names), options);
      if (JSON.stringify(now.rows) !== JSON.stringify(described.rows))
        throw new TidemarkError(
          'WAREHOUSE_CONFLICT',
          `another load changed columns of ${names.native} meanwhile; nothing of this one is applied`,
          { cause: error },
        );
      if (error instanceof TidemarkError && error.code === 'WAREHOUSE_CONFLICT') {
        await deps.warehouse.transact(statements, options);
      } else throw error;
    }
    const tables = pipeline.models.filter((model) => publication.tables[model.name]);
    const replaced = tables.map((model) => {
      const { columns, partitions } = publication.tables[model.name]!;
      const { refresh, drop } = staleParts(publication, model.name, loaded);
      const { isNew } = planShape(model, columns, native.get(model.name) ?? []);
      return [model.name, isNew ? partitions.length : refresh.length + drop.length] as const;
    });
    for (const [table, count] of replaced)
      if (count > 0) await deps.warehouse.execute(`ANALYZE "${names.native}"."${table}"`, options);
    return { sequence: publication.sequence, replaced: Object.fromEntries(replaced) };
  };
}

function loadedGenerations({ rows }: QueryResult): LoadedGenerations {
  const loaded = new Map<string, Map<string, string>>();
  for (const [table, value, generation] of rows) {
    const parts = loaded.get(String(table)) ?? new Map<string, string>();
    loaded.set(String(table), parts.set(String(value), String(generation)));
  }
  return loaded;
}

function nativeTables({ rows }: QueryResult): NativeTables {
  const tables = new Map<string, NativeColumn[]>();
  const number = (value: unknown) => (value === null ? null : Number(value));
  for (const [table, name, type, length, precision, scale, nullable] of rows) {
    const columns = tables.get(String(table)) ?? [];
    columns.push({
      name: String(name),
      type: nativeType(String(type), number(length), number(precision), number(scale)),
      isNullable: String(nullable).toUpperCase() !== 'NO',
    });
    tables.set(String(table), columns);
  }
  return tables;
}
