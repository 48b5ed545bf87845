/**
 * Where the contract tests run. By default on the local stack, whose environment the set-up of the tests has
 * put into `process.env`; at AWS when `TIDEMARK_CONTRACT_BUCKET` names a bucket, with the ordinary AWS
 * environment (region, credentials) and `TIDEMARK_CONTRACT_*` for the rest. Everything is made under names of
 * its own and removed afterwards, apart from objects below `contract/`.
 */
export const isAws = process.env.TIDEMARK_CONTRACT_BUCKET !== undefined;

/** Bucket that the tests write below `contract/<random>/`. */
export const contractBucket = process.env.TIDEMARK_CONTRACT_BUCKET ?? 'lake';
