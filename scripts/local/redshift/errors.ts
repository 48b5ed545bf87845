/** A statement's failure as Redshift words it, without the leading `ERROR: `. */
export class RedshiftError extends Error {}

/** What Redshift would run and this stand-in does not. */
export function unsupported(what: string): RedshiftError {
  return new RedshiftError(`not supported by the local stand-in: ${what}`);
}

/** A syntax error at the given text. */
export function syntaxError(near: string): RedshiftError {
  return new RedshiftError(
    near === '' ? 'syntax error at end of input' : `syntax error at or near "${near}"`,
  );
}

/** A table, view or external table that is not there. */
export function noRelation(name: string): RedshiftError {
  return new RedshiftError(`relation "${name}" does not exist`);
}

/** A concurrent transaction that cannot be put in an order with this one: retry the whole transaction. */
export function serializationFailure(table: string, transactions: readonly number[] = []): RedshiftError {
  const cycle =
    transactions.length === 0 ? '' : `, transactions forming the cycle are: ${transactions.join(', ')}`;
  return new RedshiftError(`1023 DETAIL: Serializable isolation violation on table - ${table}${cycle}`);
}

/** The statement was cancelled by CancelStatement. */
export class CancelledError extends Error {}
