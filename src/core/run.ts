import type { EntityRead, LakeComparison } from './manifest.ts';
import type { DecisionRecord, RunKind } from './publication.ts';

/** Input of the `ingest` workflow. */
export interface IngestInput {
  readonly pipeline: string;
  readonly kind: RunKind;
  /** End of the data interval, ISO-8601 UTC; default: the scheduled time, or the start of the workflow. */
  readonly at?: string;
  /** Business dates `[from, to)` of a backfill, `YYYY-MM-DD`. */
  readonly window?: BusinessWindow;
  /** Live runs: compare source and lake row by row, and heal what differs. */
  readonly audit?: Audit;
  /** Windows that are published together, when it is the build of several chunks. */
  readonly windows?: readonly BusinessWindow[];
  /** Range of keys, of a first load in ranges. */
  readonly range?: KeyRange;
  /** Ranges that are published together. */
  readonly ranges?: readonly KeyRange[];
  /** Entities to read; default all. */
  readonly onlyEntities?: readonly string[];
}

export interface BusinessWindow {
  readonly from: string;
  readonly to: string;
}

/** A range of an entity's keys, of the plan of a first load. Where it begins and ends is in the plan alone: keys may be personal data. */
export interface KeyRange {
  /** Digest of the plan. */
  readonly load: string;
  /** Number within the plan, over all its entities, from 1. */
  readonly nth: number;
  readonly entity: string;
}

/** All entities, or some by name. */
export type Audit = true | readonly string[];

/** What `plan-run` decides: which entities are read, how, and on which publication the run builds. */
export interface RunPlan {
  /** Sequence of the publication that is built on; 0 before the first. */
  readonly baseSequence: number;
  readonly sources: readonly SourcePlan[];
}

export interface SourcePlan {
  readonly source: string;
  readonly entities: readonly PlannedEntity[];
}

/** One entity's part in a plan. */
export interface PlannedEntity {
  readonly name: string;
  readonly read: EntityRead;
  /** Columns to read, in the order of the CSV; absent where they are those of the contract. */
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  /** Digest of the table's columns as they were compared with the contract. */
  readonly schemaHash?: string;
}

/** Pointer to a manifest on S3, with its digest (sha256, hex): history carries no more. */
export interface ManifestRef {
  readonly uri: string;
  readonly digest: string;
}

export interface ExtractSummary {
  readonly source: string;
  readonly manifest: ManifestRef;
  readonly entities: Readonly<
    Record<
      string,
      {
        readonly rowCount: number;
        readonly csvBytes: number;
        readonly read: EntityRead['mode'];
        readonly comparison?: ComparisonCounts;
      }
    >
  >;
}

/** What comparing an entity's rows in source and lake found, see `LakeComparison`. */
export type ComparisonCounts = Pick<
  LakeComparison,
  'kind' | 'comparedCount' | 'differingBuckets' | 'lateCount' | 'lostCount' | 'goneCount' | 'droppedColumns'
>;

/** Rows that were missed or are gone, and how many of them this run has put right. */
export interface ComparedEntity extends ComparisonCounts {
  /** All of them once published; none when the entity was left out. */
  readonly healedCount: number;
}

/** Counts of the clean step by entity; `rows in = clean + rejected + deduplicated`. */
export interface CleanCounts {
  readonly rowsIn: number;
  readonly clean: number;
  readonly rejected: number;
  readonly deduplicated: number;
  /** Rows of the lake that the source no longer has; absent in runs of older versions. */
  readonly deleted?: number;
  /** Rejected rows by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface CleanSummary {
  readonly manifest: ManifestRef;
  readonly entities: Readonly<Record<string, CleanCounts>>;
}

export interface ModelSummary {
  readonly manifest: ManifestRef;
  readonly tables: Readonly<Record<string, { readonly rowCount: number; readonly partitionCount: number }>>;
}

export type PublishResult =
  | { readonly published: true; readonly sequence: number }
  /** Another run published meanwhile: clean and model again on `sequence`. */
  | { readonly published: false; readonly reason: 'base-moved'; readonly sequence: number }
  /** The watermark went back (rollback) below what this run read from: read again. */
  | { readonly published: false; readonly reason: 'watermark-moved-back'; readonly sequence: number };

/** Result of the `ingest` workflow. */
export interface RunOutcome {
  readonly state: 'published' | 'skipped';
  readonly runKey: string;
  /** Sequence of the publication; null when skipped. */
  readonly sequence: number | null;
  readonly extracted: Readonly<Record<string, number>>;
  /** By entity that was compared with the lake; absent when none was. */
  readonly compared?: Readonly<Record<string, ComparedEntity>>;
  readonly decisions: readonly DecisionRecord[];
}

/** Stages of a run in order, as `status` and gates name them. */
const STAGES = [
  'plan',
  'contract',
  'extract',
  'raw',
  'clean',
  'model',
  'audit',
  'publish',
  'catalog',
  'load',
  'reconcile',
  'announce',
] as const;
export type Stage = (typeof STAGES)[number];
