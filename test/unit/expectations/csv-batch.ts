import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { BatchColumn, TableFiles } from '../../../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
let written = 0;

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A file of this test run with the given content; its path. */
export function writeFile(name: string, content: string | Uint8Array): string {
  const path = join(directory, String(written++), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** A CSV table in PostgreSQL's COPY form: null is an empty field, text is quoted. */
export function csvTable(
  types: Readonly<Record<string, string | BatchColumn>>,
  rows: readonly (readonly unknown[])[],
): TableFiles {
  const names = Object.keys(types);
  const columns = names.map((name) => {
    const type = types[name]!;
    return typeof type === 'string' ? { name, type } : type;
  });
  const lines = [names.map(quote), ...rows.map((row) => row.map(field))].map((fields) => fields.join(','));
  return { format: 'csv', files: [writeFile('table.csv', `${lines.join('\n')}\n`)], columns };
}

function field(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? quote(value) : String(value);
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
