import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { makeCleanPlan } from '../../src/core/clean-plan.ts';
import { cleanReadOf } from '../../src/core/clean-reads.ts';
import { planFold, settledBy } from '../../src/core/fold.ts';
import type { EntityExtract, EntityRead, ExtractManifest, ExtractPart } from '../../src/core/manifest.ts';
import { makeModelPlan } from '../../src/core/model-plan.ts';
import { findEntity, type Pipeline } from '../../src/core/pipeline.ts';
import type { TableVersion } from '../../src/core/publication.ts';
import type { SparkResult } from '../../src/core/spark-plan.ts';
import type { WrittenFile } from '../../src/core/stage.ts';
import type { SparkLab } from './spark-lab.ts';

export type CsvRow = readonly (string | null)[];

/** What one extract of an entity brings. `order` sorts the snapshots, such as `0005`. */
export interface LabExtract {
  readonly order: string;
  readonly read?: EntityRead;
  readonly rows?: readonly CsvRow[];
  /** Rows that were read under a later snapshot. */
  readonly later?: { readonly order: string; readonly rows: readonly CsvRow[] };
  /** Key hashes that a comparison found gone. */
  readonly gone?: readonly bigint[];
}

/** A lake of one entity in a folder: extracts go through the clean and the model plan into it, on real Spark. */
export interface LakeLab {
  /** Publishes extracts on top of what is there, and says what the clean step counted. */
  publish(...extracts: LabExtract[]): Promise<Readonly<Record<string, string | null>>>;
  /** Rows of a query over the folded entity (`{entity}`) or a model (`{model}`). */
  ask(sql: string): Promise<string[][]>;
  readonly entity: () => TableVersion;
  close(): void;
}

export async function openLakeLab(
  spark: SparkLab,
  pipeline: Pipeline,
  entityName: string,
  dir: string,
): Promise<LakeLab> {
  const entity = findEntity(pipeline, entityName);
  const model = pipeline.models[0]!;
  const duck = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await duck.connect();
  let base: TableVersion | null = null;
  let tables: readonly string[] = [];
  let run = 0;
  await mkdir(dir, { recursive: true });

  const store = async (
    name: string,
    header: readonly string[],
    rows: readonly CsvRow[],
  ): Promise<ExtractPart> => {
    const file = join(dir, `${name}.csv.gz`);
    await writeFile(
      file,
      gzipSync([header, ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('')),
    );
    return { uri: `file://${file}`, sizeBytes: 1, rowCount: rows.length, sha256: null };
  };

  const manifestOf = async (extract: LabExtract, name: string): Promise<ExtractManifest> => {
    const columns = Object.entries(entity.columns).map(([column, { type }]) => ({ name: column, type }));
    const header = columns.map((column) => column.name);
    const { order, later, gone, rows = [] } = extract;
    const parts = [await store(`${name}-0`, header, rows)];
    if (later) parts.push({ ...(await store(`${name}-1`, header, later.rows)), order: later.order });
    const snapshot = { text: '', xmin: '1', xmax: '1', inProgressCount: 0, order };
    const found: EntityExtract = {
      table: entity.table,
      relationIds: [],
      schemaHash: '',
      read: extract.read ?? { mode: 'incremental', fromXid: '1' },
      watermark: null,
      columns,
      parts,
      rowCount: parts.reduce((sum, part) => sum + part.rowCount, 0),
      csvBytes: 1,
      source: { rowCount: 0, sums: {} },
      ...(gone && {
        comparison: {
          kind: 'keys',
          bucketCount: 16,
          differingBuckets: 1,
          comparedCount: 9,
          lakeRowCount: 9,
          unhashedCount: 0,
          goneCount: gone.length,
          lateCount: null,
          lostCount: null,
          gone: await store(
            `${name}-gone`,
            ['_key', '_hash'],
            gone.map((key) => [String(key), null]),
          ),
        },
      }),
    };
    return {
      version: 1,
      pipeline: pipeline.definition.name,
      runKey: name,
      source: entity.source,
      createdAt: '',
      server: { systemIdentifier: '1', timeline: 1, version: 1 },
      snapshot,
      ...(later && { laterSnapshots: [{ ...snapshot, order: later.order }] }),
      entities: { [entityName]: found },
    };
  };

  return {
    publish: async (...extracts) => {
      const name = `r${++run}`;
      const manifests = await Promise.all(extracts.map((each, nth) => manifestOf(each, `${name}-${nth}`)));
      const path = (zone: string) => `file://${join(dir, name, zone)}/`;
      const cleaned = await spark.run(
        makeCleanPlan(
          name,
          [
            {
              entity,
              reads: manifests.map((manifest) => cleanReadOf(manifest, entityName)),
              base,
              cleanPath: path('clean'),
              quarantinePath: path('quarantine'),
            },
          ],
          `${path('state')}clean.json`,
        ),
      );
      const counts = cleaned.metrics![entityName]!;
      const isFull = extracts.some((each) => each.read?.mode === 'full');
      const found = JSON.parse(counts.partitions!) as string[];
      const before = isFull ? (base?.partitions.map((part) => part.value) ?? []) : [];
      const cleanedEntity = {
        files: filesOf(cleaned, `clean/${entityName}`, null),
        touched: entity.partitionBy ? [...new Set([...found, ...before])] : [''],
        counts: { rowsIn: 0, clean: 0, rejected: 0, deduplicated: 0, reasons: {} },
      };
      const fold = planFold({
        name: entityName,
        base,
        cleaned: cleanedEntity,
        extracts: manifests,
        isRebuilt: false,
      });
      const modelled = await spark.run(
        makeModelPlan({
          pipeline,
          runKey: name,
          entities: { [entityName]: fold },
          models: [model.name],
          entityPath: () => path('entity'),
          tablePath: () => path('model'),
          resultUri: `${path('state')}model.json`,
        }),
      );
      const written = filesOf(modelled, `entity/${entityName}`, entity.partitionBy ? '_p' : null);
      base = merge(base, written, fold.touched, {
        ...settledBy(entityName, base, cleanedEntity, manifests),
      });
      tables = filesOf(modelled, `model/${model.name}`, null).map((file) => file.uri);
      return counts;
    },
    ask: async (sql) => {
      const entityFiles = base!.partitions.flatMap((part) => part.files.map((file) => file.uri));
      return await askFiles(connection, sql, { entity: entityFiles, model: tables });
    },
    entity: () => base!,
    close: () => {
      connection.closeSync();
      duck.closeSync();
    },
  };
}

function csvField(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function filesOf(result: SparkResult, name: string, partition: string | null): WrittenFile[] {
  const output = result.outputs!.find((each) => each.name === name)!;
  return output.files.map((file) => ({
    uri: file.path,
    sizeBytes: file.sizeBytes,
    etag: '',
    partition: partition === null ? '' : (file.partition[partition] ?? ''),
  }));
}

function merge(
  base: TableVersion | null,
  written: readonly WrittenFile[],
  touched: readonly string[],
  settled: Pick<TableVersion, 'floor' | 'windowDeletedAt'>,
): TableVersion {
  const kept = (base?.partitions ?? []).filter((part) => !touched.includes(part.value));
  const values = [...new Set(written.map((file) => file.partition))];
  const fresh = values.map((value) => ({
    value,
    generation: '',
    location: '',
    rowCount: 0,
    files: written.filter((file) => file.partition === value).map((file) => ({ ...file, rowCount: 0 })),
  }));
  return {
    definitionDigest: '',
    sequence: 1,
    columns: [],
    partitionBy: null,
    partitions: [...kept, ...fresh],
    ...settled,
  };
}

async function askFiles(
  connection: DuckDBConnection,
  sql: string,
  views: Readonly<Record<string, readonly string[]>>,
): Promise<string[][]> {
  const text = sql.replace(/\{(\w+)\}/g, (_, name: string) => {
    const files = views[name]!.map((uri) => `'${uri.replace(/^file:(\/\/)?/, '')}'`);
    return `read_parquet([${files.join(', ')}], union_by_name = true, hive_partitioning = false)`;
  });
  const reader = await connection.runAndReadAll(text);
  return reader.getRowsJS().map((row) => row.map((value) => String(value)));
}
