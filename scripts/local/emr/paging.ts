import { AwsError } from '../aws-json.ts';

const pageSize = 50;

/**
 * Cuts a page of 50 out of `items`, which are newest first. The marker names the last item of the page before, so
 * items that appear in between neither repeat nor hide others.
 */
export function page<T>(
  items: readonly T[],
  orderOf: (item: T) => number,
  marker: string | undefined,
): { items: T[]; marker: string | undefined } {
  const before = marker === undefined ? Number.POSITIVE_INFINITY : decode(marker);
  const rest = items.filter((item) => orderOf(item) < before);
  const found = rest.slice(0, pageSize);
  const last = found.at(-1);
  const hasMore = rest.length > found.length && last !== undefined;
  return { items: found, marker: hasMore ? encode(orderOf(last)) : undefined };
}

function encode(order: number): string {
  return Buffer.from(`before:${order}`).toString('base64url');
}

function decode(marker: string): number {
  const match = /^before:(\d+)$/.exec(Buffer.from(marker, 'base64url').toString());
  if (match === null) throw new AwsError('InvalidRequestException', `Marker '${marker}' is not valid.`);
  return Number(match[1]);
}
