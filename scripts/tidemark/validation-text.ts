import type { ExpectationResult, ResultDetail, ValidationResult } from '../../src/index.ts';

const SHOWN_VALUES = 5;
const SHOWN_KWARGS = ['column', 'column_list', 'column_A', 'column_B'];

/** A validation result for a person: one line of sums, then what failed and why. */
export function renderValidation(result: ValidationResult): string {
  const { evaluated_expectations: all, successful_expectations: good } = result.statistics;
  const failed = result.results.filter((each) => !each.success);
  const worst = result.meta.max_severity_failure;
  const verdict = result.success ? 'passed' : `failed (${String(worst)})`;
  const counts = result.results.flatMap((each) => each.result.element_count ?? []);
  const size = counts.length === 0 ? '' : ` on ${Math.max(...counts).toLocaleString('en-US')} rows`;
  const told = commonReason(result) ?? failed.flatMap((each) => ['', ...describe(each)]);
  return [`${result.suite_name}: ${verdict}, ${good} of ${all} expectations met${size}`, ...told].join('\n');
}

/** Why none of several expectations could be evaluated, where it is the same for all: said once. */
function commonReason({ results }: ValidationResult): string[] | null {
  const [reason, ...others] = new Set(results.map((each) => each.exception_info.exception_message));
  if (results.length < 2 || !reason || others.length > 0) return null;
  return ['', `none could be evaluated: ${reason}`];
}

function describe(each: ExpectationResult): string[] {
  const { type, kwargs, severity } = each.expectation_config;
  const subject = SHOWN_KWARGS.flatMap((name) => (name in kwargs ? [kwargs[name]].flat().map(String) : []));
  const rest = Object.entries(kwargs)
    .filter(([name]) => !SHOWN_KWARGS.includes(name))
    .map(([name, value]) => `${name} ${shorten(JSON.stringify(value))}`);
  return [
    `${(severity ?? 'critical').toUpperCase().padEnd(8)} ${type}`,
    ...([subject.join(', '), ...rest].filter((part) => part !== '').length > 0
      ? [`         ${[subject.join(', '), ...rest].filter((part) => part !== '').join('; ')}`]
      : []),
    ...findings(each).map((line) => `         ${line}`),
  ];
}

function findings({ result, exception_info }: ExpectationResult): string[] {
  if (exception_info.raised_exception) return [`could not be evaluated: ${exception_info.exception_message}`];
  const lines = counts(result);
  const values = result.partial_unexpected_counts?.map(({ value }) => value) ?? [];
  if (values.length > 0) lines.push(`such as ${list(values)}`);
  const where = result.partial_unexpected_index_list?.slice(0, SHOWN_VALUES) ?? [];
  const columns = result.unexpected_index_column_names;
  if (where.length > 0 && columns !== undefined) {
    lines.push(
      `at ${columns.join(', ')}: ${where.map((row) => columns.map((name) => String((row as Record<string, unknown>)[name])).join('/')).join(', ')}`,
    );
  } else if (where.length > 0) lines.push(`at positions ${where.join(', ')} (the first row is 0)`);
  return lines;
}

/** How many rows are unexpected, or what was observed in their place. */
function counts(result: ResultDetail): string[] {
  const { element_count: elements, missing_count: missing = 0, unexpected_count: unexpected } = result;
  if (elements === undefined) return distinctCounts(result) ?? observed(result);
  if (unexpected === undefined) return observed(result);
  const percent = result.unexpected_percent;
  const share = typeof percent === 'number' ? ` (${percent.toPrecision(3)} %)` : '';
  return [
    `${unexpected} of ${elements - missing} unexpected${share}${missing > 0 ? `, ${missing} missing` : ''}`,
  ];
}

/** Of a set of values: those that it should not hold and those that it lacks. Null for another result. */
function distinctCounts(result: ResultDetail): string[] | null {
  const { unexpected_count: unexpected, missing_count: missing } = result;
  if (unexpected === undefined && missing === undefined) return null;
  return [
    ...(unexpected
      ? [`${unexpected} different values unexpected, such as ${list(result.partial_unexpected_list)}`]
      : []),
    ...(missing ? [`${missing} of the set do not occur, such as ${list(result.partial_missing_list)}`] : []),
  ];
}

function observed(result: ResultDetail): string[] {
  return 'observed_value' in result ? [`observed ${shorten(JSON.stringify(result.observed_value))}`] : [];
}

function list(values: readonly unknown[] = []): string {
  return values
    .slice(0, SHOWN_VALUES)
    .map((value) => shorten(JSON.stringify(value)))
    .join(', ');
}

function shorten(text: string | undefined): string {
  if (text === undefined) return '';
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
