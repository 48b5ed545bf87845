import { columnType, hiveType } from '../src/core/column-type.ts';
import type { Model } from '../src/core/model.ts';
import type { TableVersion } from '../src/core/publication.ts';
import { versionedTable, warehouseNames } from '../src/core/warehouse-sql.ts';
import type { CatalogTable } from '../src/ports/catalog.ts';
import type { ActivityDeps } from './deps.ts';
import { whileHeartbeating } from './heartbeats.ts';
import { openPipeline, type RunScope, readPublication } from './manifests.ts';

/**
 * Registers the current publication in the Glue catalog. A table that changed gets a table of its own,
 * `<model>__p<sequence>`, so that nothing a reader uses changes under it; the warehouse's views move on later,
 * all at once.
 */
export function makeSyncCatalog(deps: ActivityDeps) {
  return async (input: RunScope & { sequence: number }): Promise<{ registered: string[] }> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const publication = (await readPublication(deps.store, layout))!.publication;
    const { glueDatabase } = warehouseNames(input.pipeline);
    return await whileHeartbeating(async () => {
      await deps.catalog.ensureDatabase(
        glueDatabase,
        pipeline.definition.description ?? `Models of pipeline ${input.pipeline}`,
      );
      const known = new Set(await deps.catalog.listTables(glueDatabase));
      const registered: string[] = [];
      for (const model of pipeline.models) {
        const version = publication.tables[model.name];
        if (!version) continue;
        const name = versionedTable(model.name, version.sequence);
        // A version never changes once its parameter says that it is complete; unfinished ones are written again.
        if (known.has(name) && version.sequence < publication.sequence) continue;
        await deps.catalog.putTable(glueDatabase, tableOf(name, model, version, input.pipeline));
        registered.push(name);
      }
      return { registered };
    });
  };
}

function tableOf(name: string, model: Model, version: TableVersion, pipeline: string): CatalogTable {
  // Columns are those of the version: a model gets evolved ones only when it is written the next time.
  const columns = version.columns.map((column) => ({
    name: column.name,
    type: hiveType(columnType(column.type)),
    comment: commentOf(model, column.name),
  }));
  const key = columns.find((column) => column.name === version.partitionBy);
  return {
    name,
    description: `${model.head.description ?? model.name}; grain: ${model.head.grain}`,
    location: version.partitions[0]?.location ?? '',
    columns: columns.filter((column) => column !== key),
    partitionKey: key ? { name: key.name, type: key.type } : null,
    partitions: key
      ? version.partitions.map(({ value, location, rowCount }) => ({ value, location, rowCount }))
      : [],
    parameters: {
      'tidemark.pipeline': pipeline,
      'tidemark.table': model.name,
      'tidemark.sequence': String(version.sequence),
      numRows: String(version.partitions.reduce((sum, part) => sum + part.rowCount, 0)),
    },
  };
}

function commentOf({ head }: Model, column: string): string {
  const declared = head.columns[column];
  return declared ? (declared.description ?? '') : `new at the source of ${head.evolve}, not in the contract`;
}
