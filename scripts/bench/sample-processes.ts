import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of the kernel per second; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** What one process has used so far. */
export interface Usage {
  readonly cpuSeconds: number;
  /** Together with its children that have ended. */
  readonly cpuSecondsWithChildren: number;
  readonly peakBytes: number;
}

/** Usage of a process by pid, from /proc; null when it is gone. */
export function readUsage(pid: number): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    const seconds = (from: number, to: number) =>
      fields.slice(from, to).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
    return {
      cpuSeconds: seconds(11, 13),
      cpuSecondsWithChildren: seconds(11, 15),
      peakBytes: Number(peak) * 1024,
    };
  } catch {
    return null;
  }
}

/** Pids whose command line contains a text. */
export function findProcesses(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Watches processes by name until stopped, and tells what each had used at any time. */
export function watchProcesses(find: () => Readonly<Record<string, readonly number[]>>) {
  const seen = new Map<string, Map<number, Usage>>();
  const timeline: { at: number; cpu: Record<string, number> }[] = [];
  const look = () => {
    for (const [name, pids] of Object.entries(find())) {
      const known = seen.get(name) ?? new Map<number, Usage>();
      for (const pid of pids) {
        const usage = readUsage(pid);
        if (usage) known.set(pid, usage);
      }
      seen.set(name, known);
    }
    const total = (usages: Map<number, Usage>) =>
      [...usages.values()].reduce((sum, each) => sum + each.cpuSeconds, 0);
    timeline.push({
      at: Date.now(),
      cpu: Object.fromEntries([...seen].map(([name, usages]) => [name, total(usages)])),
    });
  };
  const timer = setInterval(look, 250);
  look();
  const cpuAt = (name: string, at: number) => timeline.findLast((each) => each.at <= at)?.cpu[name] ?? 0;
  return {
    stop: () => {
      look();
      clearInterval(timer);
    },
    /** CPU seconds that the named processes used between two times (epoch milliseconds), as far as it was sampled. */
    cpuBetween: (name: string, from: number, to: number) => cpuAt(name, to + 250) - cpuAt(name, from),
    /** Largest resident size of any one process of that name, bytes. */
    peakOf: (name: string) =>
      Math.max(0, ...[...(seen.get(name)?.values() ?? [])].map((each) => each.peakBytes)),
  };
}
