import { writeFileSync } from 'node:fs';

/** Writes an environment as a file to `source`; readable by its owner alone, since it holds passwords. */
export function writeEnvFile(file: string, env: Readonly<Record<string, string>>): void {
  const lines = Object.entries(env).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  );
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}
