import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is to run, with its whole environment. */
export interface Command {
  argv: string[];
  env: NodeJS.ProcessEnv;
}

/** Where a step's process is: not yet visible, alive, ended with an exit code, or gone without a trace of its end. */
export type ProcessStatus =
  | { kind: 'unknown' }
  | { kind: 'alive'; pid: number }
  | { kind: 'exited'; code: number }
  | { kind: 'vanished' };

// The shell outlives a SIGTERM to its group, so that a cancelled command's exit code is on disk too. It notes its
// pid together with its start time: a pid alone may belong to another process after a reboot.
const wrapper = `
trap : TERM INT HUP
echo "$$ $(cut -d' ' -f22 /proc/$$/stat 2>/dev/null)" > "$0/pid.new" && mv "$0/pid.new" "$0/pid"
"$@" > "$0/stdout" 2> "$0/stderr"
echo $? > "$0/exit.new" && mv "$0/exit.new" "$0/exit"
`;

/** Starts a command in a process group of its own, which goes on when this process ends. Logs and exit code go to `folder`. */
export function startProcess(folder: string, command: Command): void {
  const scratch = scratchFolder(folder);
  mkdirSync(scratch, { recursive: true });
  const child = spawn('/bin/sh', ['-c', wrapper, folder, ...command.argv], {
    cwd: scratch,
    detached: true,
    stdio: 'ignore',
    env: command.env,
  });
  child.on('error', (error) => console.error(`cannot start a step: ${error.message}`));
  child.unref();
}

/** The folder that a step may fill and that is deleted when it ends. */
export function scratchFolder(folder: string): string {
  return join(folder, 'scratch');
}

/** Looks at the files and the process table, so it works for processes that an earlier stand-in started. */
export function processStatus(folder: string): ProcessStatus {
  const noted = readNote(folder, 'pid');
  const isAlive = noted !== null && isSameProcess(noted);
  const exit = readNote(folder, 'exit');
  if (exit !== null) return { kind: 'exited', code: Number(exit) };
  if (noted === null) return { kind: 'unknown' };
  return isAlive ? { kind: 'alive', pid: Number.parseInt(noted, 10) } : { kind: 'vanished' };
}

/** Signals the whole process group of a step; a group that is already gone is no error. */
export function signalProcess(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readNote(folder: string, name: string): string | null {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

function isSameProcess(noted: string): boolean {
  const [pid, startTime] = noted.split(' ');
  try {
    process.kill(Number(pid), 0);
  } catch {
    return false;
  }
  if (startTime === undefined) return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie (state Z) has ended; field 22 of the line is the 20th after the command.
    return fields[0] !== 'Z' && fields[19] === startTime;
  } catch {
    return false;
  }
}
