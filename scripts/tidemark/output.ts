/** Codes that every subcommand ends with; the last two once it has cleaned up after a signal. */
export const EXIT = { ok: 0, failed: 1, usage: 2, waiting: 3, interrupted: 130, terminated: 143 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with one readable message on stderr. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** Where a command writes and what it ended with; a test passes its own. */
export interface Output {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
  exitCode: ExitCode;
}

/** Prints data as JSON for scripts, or the words for a person. */
export function show(out: Output, json: boolean | undefined, data: unknown, words: () => string): void {
  out.print(json ? JSON.stringify(data, null, 2) : words());
}
