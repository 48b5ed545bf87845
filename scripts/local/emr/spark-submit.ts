import { sparkPaths } from '../../setup/paths.mjs';
import type { Command } from './step-process.ts';

const defaultDriverMemory = '2g';

/** `spark-submit` with its options, and the application with its arguments that follow them. */
export interface SparkSubmit extends Command {
  application: string[];
}

/**
 * Turns the arguments of a `command-runner.jar` step into a local `spark-submit`: `--master` and `--deploy-mode` give
 * way to `local[2]`, S3 settings and the cluster's `spark-defaults` go in front, so that the step's own options win.
 *
 * `scratch` takes Spark's temporary files. `environment` is that of the stand-in; its `AWS_*` say where S3 is.
 * Returns null for anything that is not `spark-submit`.
 */
export function localSparkSubmit(
  args: readonly string[],
  sparkDefaults: Record<string, string>,
  scratch: string,
  environment: NodeJS.ProcessEnv,
): SparkSubmit | null {
  if (args[0] !== 'spark-submit') return null;
  const { options, application } = splitOptions(args.slice(1));
  const paths = sparkPaths();
  const conf = { ...localConf(scratch), ...s3Conf(environment), ...sparkDefaults };
  const javaOptions = [localJavaOptions(scratch, paths.cdsArchive), conf['spark.driver.extraJavaOptions']];
  const classPath = [`${paths.jarsDir}/*`, conf['spark.driver.extraClassPath']];
  let driverMemory = conf['spark.driver.memory'] ?? defaultDriverMemory;
  delete conf['spark.driver.extraJavaOptions'];
  delete conf['spark.driver.extraClassPath'];
  delete conf['spark.driver.memory'];
  const kept: string[] = [];
  for (const [name, value] of options) {
    const setting = driverSetting(name, value);
    if (name === '--master' || name === '--deploy-mode') continue;
    if (setting?.name === 'spark.driver.extraJavaOptions') javaOptions.push(setting.value);
    else if (setting?.name === 'spark.driver.extraClassPath') classPath.push(setting.value);
    else if (setting?.name === 'spark.driver.memory') driverMemory = setting.value;
    else kept.push(name, ...(value === null ? [] : [value]));
  }
  return {
    argv: [
      paths.sparkSubmit,
      ...['--master', 'local[2]', '--driver-memory', driverMemory],
      ...['--driver-class-path', join(classPath, ':'), '--driver-java-options', join(javaOptions, ' ')],
      ...Object.entries(conf).flatMap(([name, value]) => ['--conf', `${name}=${value}`]),
      ...kept,
    ],
    application,
    env: {
      ...environment,
      SPARK_HOME: paths.sparkHome,
      SPARK_LOCAL_DIRS: scratch,
      SPARK_LOCAL_IP: '127.0.0.1',
      SPARK_LAUNCHER_OPTS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
      PYSPARK_PYTHON: paths.python,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  };
}

type Option = readonly [name: string, value: string | null];

const flags = new Set(['--verbose', '-v', '--supervise', '--help', '-h', '--version', '--usage-error']);

/** Separates spark-submit's options from the application and its own arguments, as spark-submit does. */
function splitOptions(args: readonly string[]): { options: Option[]; application: string[] } {
  const options: Option[] = [];
  let index = 0;
  while (index < args.length && args[index]!.startsWith('-')) {
    const name = args[index]!;
    const equals = name.indexOf('=');
    if (name.startsWith('--') && equals > 0) {
      options.push([name.slice(0, equals), name.slice(equals + 1)]);
      index += 1;
    } else if (flags.has(name)) {
      options.push([name, null]);
      index += 1;
    } else {
      options.push([name, args[index + 1] ?? '']);
      index += 2;
    }
  }
  return { options, application: args.slice(index) };
}

const namedSettings: Record<string, string> = {
  '--driver-memory': 'spark.driver.memory',
  '--driver-java-options': 'spark.driver.extraJavaOptions',
  '--driver-class-path': 'spark.driver.extraClassPath',
};

function driverSetting(option: string, value: string | null): { name: string; value: string } | null {
  if (value === null) return null;
  const name = namedSettings[option];
  if (name !== undefined) return { name, value };
  const equals = value.indexOf('=');
  if ((option !== '--conf' && option !== '-c') || equals < 0) return null;
  return { name: value.slice(0, equals), value: value.slice(equals + 1) };
}

function localConf(scratch: string): Record<string, string> {
  return {
    'spark.ui.enabled': 'false',
    'spark.driver.host': '127.0.0.1',
    'spark.sql.warehouse.dir': `${scratch}/warehouse`,
    // Two cores: Spark's 200 shuffle partitions would only be merged again.
    'spark.sql.shuffle.partitions': '4',
  };
}

/** Lets `s3://` mean S3A, as it means EMRFS on EMR, with a committer that neither renames nor lists. */
function s3Conf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const endpoint = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1';
  return {
    'spark.hadoop.fs.s3.impl': 'org.apache.hadoop.fs.s3a.S3AFileSystem',
    'spark.hadoop.fs.s3a.endpoint.region': region,
    // From the environment, so that no key shows in the process list.
    'spark.hadoop.fs.s3a.aws.credentials.provider':
      'software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider',
    ...(endpoint === undefined
      ? {}
      : { 'spark.hadoop.fs.s3a.endpoint': endpoint, 'spark.hadoop.fs.s3a.path.style.access': 'true' }),
    'spark.hadoop.fs.s3a.performance.flags': 'create,mkdir,delete',
    'spark.hadoop.fs.s3a.committer.name': 'magic',
    'spark.hadoop.fs.s3a.committer.magic.enabled': 'true',
    'spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3':
      'org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory',
    'spark.sql.sources.commitProtocolClass': 'org.apache.spark.internal.io.cloud.PathOutputCommitProtocol',
    'spark.sql.parquet.output.committer.class':
      'org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter',
  };
}

/**
 * Steps here are short, and the compiler's second tier costs more than it gains below about a million rows (11 s of CPU
 * against 21 s for 50,000 rows, even at 1,000,000). A step with more says `--driver-java-options -XX:TieredStopAtLevel=4`.
 */
function localJavaOptions(scratch: string, cdsArchive: string | null): string {
  const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData'];
  options.push(`-Djava.io.tmpdir=${scratch}`);
  if (cdsArchive !== null) options.push(`-XX:SharedArchiveFile=${cdsArchive}`);
  return [...options, '-Xlog:disable', '-Xlog:all=error:stderr'].join(' ');
}

function join(parts: readonly (string | undefined)[], separator: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}
