import { EXPECTATIONS } from './registry.ts';

/** Kwargs that many expectations share; the documentation explains them once. */
const SHARED = ['row_condition', 'condition_parser', 'mostly'];

/** The table of all expectations in Markdown: name, kwargs of its own (`?` for optional ones), when it passes. */
export function expectationTable(): string {
  const rows = EXPECTATIONS.map(({ type, kwargs, summary, isGreatExpectations }) => {
    const own = Object.entries(kwargs.shape)
      .filter(([name]) => !SHARED.includes(name))
      .map(([name, schema]) => `\`${name}\`${isOptional(schema) ? '?' : ''}`);
    const name = `\`${type}\`${isGreatExpectations === false ? ' (ours)' : ''}`;
    return `| ${[name, own.join(', '), summary].join(' | ')} |`;
  });
  return ['| expectation | kwargs | passes when |', '|---|---|---|', ...rows].join('\n');
}

function isOptional(schema: unknown): boolean {
  return (schema as { safeParse(value: unknown): { success: boolean } }).safeParse(undefined).success;
}
