import type { ResultFormat } from './types.ts';

/** What a result shows of the rows that failed. */
export interface EvidenceFormat {
  readonly format: ResultFormat;
  /** Rows in the partial lists. Default 20, as in Great Expectations. */
  readonly partialCount: number;
  /** Most rows in the full lists of COMPLETE. */
  readonly completeCount: number;
  /** Columns that identify a row, the entity's key; rows are then listed in their order. */
  readonly indexColumns: readonly string[];
}

/** How many rows of evidence a check has to fetch. */
export function evidenceLimit(evidence: EvidenceFormat): number {
  if (evidence.format === 'BOOLEAN_ONLY') return 0;
  return evidence.format === 'COMPLETE' ? evidence.completeCount : evidence.partialCount;
}
