import { z } from 'zod';
import { CannotCheck } from '../cannot-check.ts';
import type { Answer, Request } from '../check.ts';
import { openScope, type Session, textOf } from '../context.ts';
import { evidenceLimit } from '../evidence-format.ts';
import { defineExpectation } from '../expectation.ts';
import { exactNumber, MASK } from '../result-value.ts';
import { didYouMean } from '../suggest.ts';

/** A query of the suite's own finds no rows. */
export const unexpectedRowsExpectation = defineExpectation({
  type: 'unexpected_rows_expectation',
  needsDuckdb: true,
  summary:
    '`unexpected_rows_query`, one SELECT, finds no rows. `{batch}` stands for the data, `{name}` for another table of ' +
    'the run, `{{` and `}}` for braces.',
  kwargs: z.strictObject({ unexpected_rows_query: z.string(), description: z.string().nullish() }),
  *check(kwargs, session) {
    const sql = fillTables(kwargs.unexpected_rows_query, session);
    const limit = Math.max(1, evidenceLimit(session.evidence));
    const request: Request = { kind: 'untrusted', sql, limit };
    const answer: Answer = yield request;
    const count = Number(textOf(answer.rows[0]?.[0]) ?? '0');
    const { format } = session.evidence;
    if (format === 'BOOLEAN_ONLY') return { success: count === 0, result: {} };
    if (format === 'BASIC' || count === 0) return { success: count === 0, result: { observed_value: count } };
    return {
      success: false,
      result: { observed_value: count, details: { unexpected_rows: shownRows(answer, session) } },
    };
  },
});

/** Puts the names of the run's tables where the query names them in braces. */
function fillTables(sql: string, session: Session): string {
  const names = ['batch', ...session.tableNames];
  return sql.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (found, name: string | undefined) => {
    if (found === '{{' || found === '}}') return found[0]!;
    if (name === undefined)
      throw new CannotCheck('unexpected_rows_query has a brace without its pair; write {{ for {');
    if (!names.includes(name)) throw new CannotCheck(`unknown table {${name}}${didYouMean(name, names)}`);
    if (name !== 'batch') openScope(session, name);
    return session.dialect.identifier(name);
  });
}

/**
 * The rows that the query found. Once any table has masked columns, only those columns are shown that are not masked in any
 * table and stand under their own name.
 */
function shownRows(answer: Answer, session: Session): Record<string, unknown>[] {
  const known = [session.batch, ...session.tables.values()].flatMap((source) => source.columns);
  const hasMasks = known.some((column) => column.isMasked);
  const isShown = (name: string) => {
    if (!hasMasks) return true;
    const same = known.filter((column) => column.name === name);
    const isOwn = answer.ownColumns?.includes(name) ?? false;
    return isOwn && same.length > 0 && same.every((column) => !column.isMasked);
  };
  return answer.rows.slice(1).map((row) =>
    Object.fromEntries(
      (answer.columns ?? []).map((name, index) => {
        const text = textOf(row[index]);
        return [name, text === null ? null : isShown(name) ? exactNumber(text) : MASK];
      }),
    ),
  );
}
