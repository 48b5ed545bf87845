/**
 * An expectation that cannot be evaluated on this batch: a missing column, a pattern that does not compile.
 * It fails that expectation with the reason and leaves the others alone. The message holds no row data.
 */
export class CannotCheck extends Error {
  override readonly name = 'CannotCheck';
}
