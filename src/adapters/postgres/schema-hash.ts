import { createHash } from 'node:crypto';

/**
 * Digest (sha256, hex) of columns in the table's order: name, type and nullability. Equal digests mean that
 * the CSV of an extract has the same shape.
 */
export function hashSchema(
  columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[],
): string {
  const hash = createHash('sha256');
  for (const { name, type, nullable } of columns) hash.update(`${JSON.stringify([name, type, nullable])}\n`);
  return hash.digest('hex');
}
