import type { ExpectationResult, ValidationResult } from '../../src/index.ts';

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
  const lines: string[] = [];
  if (result.unexpected_count !== undefined) {
    const percent =
      result.unexpected_percent === null || result.unexpected_percent === undefined
        ? ''
        : ` (${result.unexpected_percent.toPrecision(3)} %)`;
    const judged = (result.element_count ?? 0) - (result.missing_count ?? 0);
    lines.push(
      `${result.unexpected_count} of ${judged} unexpected${percent}${result.missing_count ? `, ${result.missing_count} missing` : ''}`,
    );
  } else if ('observed_value' in result)
    lines.push(`observed ${shorten(JSON.stringify(result.observed_value))}`);
  const values =
    result.partial_unexpected_counts?.map(
      ({ value, count }) => `${shorten(JSON.stringify(value))}${count > 1 ? ` (${count})` : ''}`,
    ) ?? [];
  if (values.length > 0) lines.push(`such as ${values.slice(0, SHOWN_VALUES).join(', ')}`);
  const where = result.partial_unexpected_index_list?.slice(0, SHOWN_VALUES) ?? [];
  const columns = result.unexpected_index_column_names;
  if (where.length > 0 && columns !== undefined) {
    lines.push(
      `at ${columns.join(', ')}: ${where.map((row) => columns.map((name) => String((row as Record<string, unknown>)[name])).join('/')).join(', ')}`,
    );
  } else if (where.length > 0)
    lines.push(`at rows ${where.map((at) => Number(at) + 1).join(', ')} of the data`);
  return lines;
}

function shorten(text: string | undefined): string {
  if (text === undefined) return '';
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
