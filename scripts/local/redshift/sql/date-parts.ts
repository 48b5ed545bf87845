import { RedshiftError } from '../errors.ts';
import type { Node } from './tree.ts';
import { describeNode } from './tree.ts';

const spellings: Record<string, readonly string[]> = {
  year: ['y', 'yr', 'yrs', 'years'],
  quarter: ['qtr', 'qtrs', 'quarters'],
  month: ['mon', 'mons', 'months'],
  week: ['w', 'weeks'],
  day: ['d', 'days'],
  hour: ['h', 'hr', 'hrs', 'hours'],
  minute: ['m', 'min', 'mins', 'minutes'],
  second: ['s', 'sec', 'secs', 'seconds'],
  millisecond: ['ms', 'msec', 'msecs', 'milliseconds'],
  microsecond: ['us', 'usec', 'usecs', 'microseconds'],
  dow: ['dayofweek', 'dw', 'weekday'],
  doy: ['dayofyear', 'dy', 'yearday'],
  epoch: [],
};
const canonical = new Map(
  Object.entries(spellings).flatMap(([part, others]) =>
    [part, ...others].map((name) => [name, part] as const),
  ),
);

/** The date part that the nodes name, plain or as a string, in its one spelling. */
export function readDatePart(nodes: readonly Node[]): string {
  const node = nodes[0];
  const written =
    node?.kind === 'word' || node?.kind === 'string' || node?.kind === 'quoted' ? node.text : '';
  const part = canonical.get(written.toLowerCase());
  if (part === undefined || nodes.length !== 1) {
    throw new RedshiftError(`timestamp units "${describeNode(node)}" not recognized`);
  }
  return part;
}

/** The DuckDB function that makes an interval of so many of a part. */
export function intervalFunction(part: string): string {
  if (part === 'dow' || part === 'doy' || part === 'epoch') {
    throw new RedshiftError(`timestamp units "${part}" not supported`);
  }
  return `to_${part}s`;
}
