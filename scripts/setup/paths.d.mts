/** Where set-up has put the parts that npm does not install. All absolute, but for `python`, which may be a bare name. */
export interface LocalPaths {
  /** The Python interpreter: $PYTHON, by default `python3`. For Spark: PYSPARK_PYTHON. */
  python: string;
  /** SPARK_HOME. */
  sparkHome: string;
  sparkSubmit: string;
  /** The folder of the S3A jars: `--driver-class-path "<jarsDir>/*"`, exactly so, or `cdsArchive` does not fit. */
  jarsDir: string;
  /**
   * An AppCDS archive for spark-submit, or null when there is none for this JVM (slower starts, nothing else). Pass
   * `--driver-java-options "-XX:SharedArchiveFile=<cdsArchive> -Xlog:disable -Xlog:all=error:stderr"`; a JVM that
   * finds that it does not fit goes on without.
   */
  cdsArchive: string | null;
  temporalBin: string;
  temporalTestServerBin: string;
  seaweedBin: string;
  /** The file for DuckDB's LOAD. */
  duckdbHttpfs: string;
  /** Holds initdb, pg_ctl and postgres (no psql). */
  postgresBinDir: string;
}

/** The root folder of the checkout. */
export const CHECKOUT: string;

/** The git-ignored folder of the checkout that holds everything that is installed or run locally. */
export const TIDEMARK_DIR: string;

/** Tells where the locally installed parts are. It looks at names only, and does not promise that set-up has run. */
export function sparkPaths(): LocalPaths;
