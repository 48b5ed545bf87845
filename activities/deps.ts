import type { Zones } from '../src/core/layout.ts';
import type { Pipeline } from '../src/core/pipeline.ts';
import type { AlertChannel } from '../src/ports/alerts.ts';
import type { Catalog } from '../src/ports/catalog.ts';
import type { CheckRunner } from '../src/ports/checks.ts';
import type { LakeComparer } from '../src/ports/lake-comparer.ts';
import type { ObjectStore } from '../src/ports/object-store.ts';
import type { ParquetFooters } from '../src/ports/parquet.ts';
import type { Source } from '../src/ports/source.ts';
import type { Spark } from '../src/ports/spark.ts';
import type { Warehouse } from '../src/ports/warehouse.ts';
import type { Limits } from './limits.ts';

/** Everything that activities need from the world; the worker builds it once. */
export interface ActivityDeps {
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly limits: Limits;
  readonly zones: Zones;
  readonly store: ObjectStore;
  /** The connection for a source of a pipeline; throws `SOURCE_AUTH_FAILED` with the variable's name when it is not configured. */
  readonly sourceOf: (pipeline: Pipeline, source: string) => Source;
  readonly spark: Spark;
  readonly catalog: Catalog;
  readonly warehouse: Warehouse;
  readonly footers: ParquetFooters;
  readonly checks: CheckRunner;
  readonly lake: LakeComparer;
  readonly alerts: readonly AlertChannel[];
  /** Role that Redshift reads the lake with. */
  readonly redshiftIamRole: string;
  /** Text of spark/driver.py. */
  readonly sparkDriver: string;
  /** Arguments of spark-submit before the driver, such as `--conf spark.executor.memory=4g`. */
  readonly sparkSubmitArgs: readonly string[];
}
