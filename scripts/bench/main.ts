// `npm run bench [-- NAME [options]]`: one file a bench; without a name, a whole run of the example.
const BENCHES: Readonly<Record<string, () => Promise<unknown>>> = {
  run: () => import('./run.ts'),
  extract: () => import('./extract.ts'),
  checks: () => import('./checks.ts'),
  backfill: () => import('./backfill.ts'),
};

const name = process.argv[2];
const isNamed = name !== undefined && !name.startsWith('-');
const bench = BENCHES[isNamed ? name : 'run'];
if (!bench) {
  console.error(`no bench ${name}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
// Steps on EMR do not share a start of Spark, so those that are measured do not either.
process.env.TIDEMARK_LOCAL_SPARK ??= 'fresh';
// Each reads its options from the command line, as if it had been started by itself.
if (isNamed) process.argv.splice(2, 1);
await bench();
