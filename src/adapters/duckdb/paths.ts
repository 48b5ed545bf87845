import { resolve } from 'node:path';
import type { TableFiles } from './types.ts';

/** The same table with local paths made absolute, as the engine's list of allowed files needs them. */
export function withAbsolutePaths<T extends TableFiles>(table: T): T {
  return { ...table, files: table.files.map((file) => (file.includes('://') ? file : resolve(file))) };
}
