/**
 * Where the contract tests run: on the local stack, whose environment the set-up of the tests has put into
 * `process.env`; at AWS when `TIDEMARK_CONTRACT_BUCKET` names a bucket, with the ordinary AWS environment
 * (region, credentials) and the other variables below. What needs a fault is left out there. Everything is
 * made under names of its own and removed afterwards, apart from objects below `contract/`.
 */
export const isAws = process.env.TIDEMARK_CONTRACT_BUCKET !== undefined;

/** Bucket that the tests write below `contract/<random>/`. */
export const contractBucket =
  process.env.TIDEMARK_CONTRACT_BUCKET ??
  /^s3:\/\/([^/]+)/.exec(process.env.TIDEMARK_STATE_URI ?? '')?.[1] ??
  'lake';

/** At AWS a cluster that waits for steps; the local tests start one of their own. */
export const contractClusterId = process.env.TIDEMARK_CONTRACT_EMR_CLUSTER_ID;

/** A workgroup and database where schemas can be made. */
export const contractWarehouse = {
  workgroup: process.env.TIDEMARK_CONTRACT_REDSHIFT_WORKGROUP ?? process.env.TIDEMARK_REDSHIFT_WORKGROUP,
  database:
    process.env.TIDEMARK_CONTRACT_REDSHIFT_DATABASE ?? process.env.TIDEMARK_REDSHIFT_DATABASE ?? 'dev',
};
