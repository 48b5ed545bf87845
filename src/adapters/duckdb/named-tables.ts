import type { Suite } from '../../expectations/types.ts';

/** Tells whether a suite could name a table, in a kwarg, in SQL of its own or by a parameter. */
export function tablesNamedBy(
  suite: Suite,
  parameters: Readonly<Record<string, unknown>>,
): (name: string) => boolean {
  const text = JSON.stringify([suite.expectations.map(({ kwargs }) => kwargs), parameters]);
  return (name) =>
    text.includes(JSON.stringify(name)) || text.includes(JSON.stringify(`{${name}}`).slice(1, -1));
}
