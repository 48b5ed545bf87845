/** Where things are: prefixes of the zones, without a trailing slash, such as `s3://acme-raw` or `s3://lake/raw`. */
export interface Zones {
  readonly raw: string;
  readonly clean: string;
  readonly curated: string;
  readonly quarantine: string;
  readonly state: string;
}

/**
 * URIs of everything that a run writes. Data goes under a generation of its own, so that nothing is ever
 * overwritten; `generation` is `<run key>-<n>`, n counting the run's attempts at that stage.
 */
export function makeLayout(zones: Zones, pipeline: string) {
  const run = (runKey: string) => `${zones.state}/${pipeline}/runs/${runKey}`;
  return {
    publication: `${zones.state}/${pipeline}/publication.json`,
    publicationCopy: (sequence: number) =>
      `${zones.state}/${pipeline}/publications/${String(sequence).padStart(8, '0')}.json`,
    rawPart: (entity: string, generation: string, token: string, part: number) =>
      `${zones.raw}/${pipeline}/${entity}/run=${generation}/${token}/part-${String(part).padStart(5, '0')}.csv.gz`,
    /** Everything that tries to extract an entity write. */
    rawParts: (entity: string, generation: string) => `${zones.raw}/${pipeline}/${entity}/run=${generation}/`,
    extractManifest: (source: string, generation: string) =>
      `${zones.raw}/${pipeline}/_extracts/run=${generation}/${source}.manifest.json`,
    clean: (entity: string, generation: string) => `${zones.clean}/${pipeline}/${entity}/run=${generation}/`,
    entity: (entity: string, generation: string) =>
      `${zones.clean}/${pipeline}/${entity}/current/gen=${generation}/`,
    quarantine: (entity: string, generation: string) =>
      `${zones.quarantine}/${pipeline}/${entity}/run=${generation}/`,
    table: (table: string, generation: string) => `${zones.curated}/${pipeline}/${table}/gen=${generation}/`,
    sparkPlan: (runKey: string, step: string) => `${run(runKey)}/spark/${step}.plan.json`,
    sparkResult: (runKey: string, step: string) => `${run(runKey)}/spark/${step}.result.json`,
    checkResult: (runKey: string, stage: string, name: string) =>
      `${run(runKey)}/checks/${stage}/${name}.json`,
    stageManifest: (runKey: string, stage: string) => `${run(runKey)}/${stage}.manifest.json`,
    runRecord: (runKey: string) => `${run(runKey)}/run.json`,
    /** Ranges of a first load, by the digest of the plan. */
    loadPlan: (load: string) => `${zones.state}/${pipeline}/loads/${load}.json`,
    /** Which first load was started last. */
    currentLoad: `${zones.state}/${pipeline}/loads/current.json`,
    failedChunk: (chunk: string) => `${zones.state}/${pipeline}/chunks/${chunk}.failed.json`,
    /** What was last told of the pipeline's freshness. */
    freshness: `${zones.state}/${pipeline}/freshness.json`,
    sparkDriver: (digest: string) => `${zones.state}/code/tidemark-driver-${digest}.py`,
  };
}

export type Layout = ReturnType<typeof makeLayout>;

/**
 * Key of a run: kind, end of its interval, and a token of the workflow run, so that a repeated run is another. The end of the run id is
 * taken: its beginning is the time, and chunks of a backfill start within the same moment.
 */
export function makeRunKey(kind: string, at: string, token: string): string {
  return `${kind}-${at.replace(/[-:]/g, '').replace(/\.\d+/, '')}-${token.slice(-8)}`;
}
