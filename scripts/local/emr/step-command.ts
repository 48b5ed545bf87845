import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sparkPaths } from '../../setup/paths.mjs';
import { localSparkSubmit } from './spark-submit.ts';
import type { Command } from './step-process.ts';

const SHARED_SESSION = fileURLToPath(new URL('shared_session.py', import.meta.url));

/** What a step's command depends on. */
export interface StepToStart {
  readonly args: readonly string[];
  readonly sparkDefaults: Record<string, string>;
  /** Takes the step's temporary files. */
  readonly scratch: string;
  /** Folder of the Spark applications that steps share. */
  readonly sessions: string;
  /** That of the stand-in; `AWS_*` say where S3 is, `TIDEMARK_LOCAL_SPARK=shared` spares steps the start of Spark. */
  readonly environment: NodeJS.ProcessEnv;
}

/** The command that runs a step on this machine; null for anything that is not `spark-submit`. */
export function stepCommand({
  args,
  sparkDefaults,
  scratch,
  sessions,
  environment,
}: StepToStart): Command | null {
  const own = localSparkSubmit(args, sparkDefaults, scratch, environment);
  if (own === null) return null;
  const isPlainPython = own.application[0]?.endsWith('.py') && !args.includes('--py-files');
  if (environment.TIDEMARK_LOCAL_SPARK !== 'shared' || !isPlainPython)
    return { argv: [...own.argv, ...own.application], env: own.env };
  // One application for each set of options: they are those that Spark starts with.
  const options = args.slice(0, args.length - own.application.length);
  const digest = createHash('sha256')
    .update(JSON.stringify([options, sparkDefaults]))
    .digest('hex');
  const folder = join(sessions, digest.slice(0, 16));
  const shared = localSparkSubmit(args, sparkDefaults, folder, environment)!;
  return {
    argv: [sparkPaths().python, SHARED_SESSION, folder, ...shared.argv, '--', ...shared.application],
    env: shared.env,
  };
}
