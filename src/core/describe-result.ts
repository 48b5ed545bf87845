import type { ExpectationResult, ResultDetail } from '../expectations/types.ts';
import type { Finding } from './verdict.ts';

/** Turns a failed expectation into a finding: what was expected, what was found, how many, and keys to look up. */
export function describeResult(
  subject: string,
  result: ExpectationResult,
  key: readonly string[],
  maskedColumns: readonly string[],
): Finding {
  const { type, kwargs, severity } = result.expectation_config;
  const { result: found, exception_info: exception } = result;
  const column = typeof kwargs.column === 'string' ? kwargs.column : null;
  const expected = Object.entries(kwargs)
    .filter(([name]) => name !== 'column')
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(', ');
  const problem = exception.raised_exception
    ? `could not be checked: ${exception.exception_message}`
    : (rowsOf(found) ?? differentValuesOf(found) ?? observedIn(found));
  const keysAreSafe = key.every((name) => !maskedColumns.includes(name));
  return {
    check: type,
    severity: severity ?? 'critical',
    subject,
    column,
    // A waiver of what a check found must not cover that it could not look.
    rule: exception.raised_exception ? 'could not be checked' : expected.slice(0, 300),
    message: `${readable(type)}${expected ? ` (${expected})` : ''}: ${problem}`,
    rowCount: found.element_count ?? null,
    failedCount: found.unexpected_count ?? null,
    sampleKeys: keysAreSafe ? sampleKeys(found.partial_unexpected_index_list, key) : [],
  };
}

/** Null where no rows were judged. */
function rowsOf(found: ResultDetail): string | null {
  if (found.unexpected_count === undefined || found.element_count === undefined) return null;
  const percent =
    found.unexpected_percent === undefined || found.unexpected_percent === null
      ? ''
      : `, ${found.unexpected_percent.toFixed(2)} %`;
  return `${found.unexpected_count} of ${found.element_count} rows fail${percent}`;
}

/** Null where it is not the set of a column's values that was judged. */
function differentValuesOf(found: ResultDetail): string | null {
  const { unexpected_count: unexpected, missing_count: missing } = found;
  const parts = [
    ...(unexpected ? [`${unexpected} different values are unexpected`] : []),
    ...(missing ? [`${missing} of the set do not occur`] : []),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

function observedIn(found: ResultDetail): string {
  return found.observed_value === undefined ? '' : `observed ${JSON.stringify(found.observed_value)}`;
}

/** `expect_column_values_to_be_between` reads `values to be between`. */
function readable(type: string): string {
  return type.replace(/^expect_(column_)?/, '').replaceAll('_', ' ');
}

function sampleKeys(list: readonly unknown[] | undefined, key: readonly string[]): string[] {
  return (list ?? []).slice(0, 5).flatMap((each) => {
    if (typeof each !== 'object' || each === null) return [];
    const row = each as Record<string, unknown>;
    return key.every((name) => name in row) ? [key.map((name) => String(row[name])).join('/')] : [];
  });
}
