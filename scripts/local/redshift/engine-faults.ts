import { AwsError } from '../aws-json.ts';

/**
 * What goes wrong inside the warehouse: `conflict` fails at the end with error 1023, `fail` with `message`, `slow`
 * waits `delayMs` before the first SQL text runs, `slow-commit` after the last, with all locks held. Either wait can
 * be cancelled.
 */
export interface EngineFault {
  mode: 'conflict' | 'fail' | 'slow' | 'slow-commit';
  /** Statements to hit; default 1. */
  times: number;
  /** Matching statements to let through first; default 0. */
  after: number;
  /** Hits only statements one of whose SQL texts contains this; default all. */
  match: string;
  message: string;
  /** Default 1000. */
  delayMs: number;
}

/** The armed faults of the warehouse, set by `POST /_engine`. */
export class EngineFaults {
  #armed: EngineFault[] = [];

  /** Arms a fault, or disarms all with `{"clear": true}`; answers with what is armed. */
  configure(input: Record<string, unknown>): { faults: EngineFault[] } {
    if (input.clear === true) this.#armed = [];
    else this.#armed.push(parse(input));
    return { faults: this.#armed };
  }

  /** The fault of this statement, if it is due. */
  take(sqls: readonly string[]): EngineFault | undefined {
    for (const fault of this.#armed) {
      if (!sqls.some((sql) => sql.includes(fault.match))) continue;
      if (fault.after > 0) {
        fault.after -= 1;
        continue;
      }
      fault.times -= 1;
      if (fault.times <= 0) this.#armed = this.#armed.filter((one) => one !== fault);
      return fault;
    }
    return undefined;
  }
}

function parse(input: Record<string, unknown>): EngineFault {
  const { mode } = input;
  if (mode !== 'conflict' && mode !== 'fail' && mode !== 'slow' && mode !== 'slow-commit') {
    throw new AwsError('InvalidFault', `mode: ${String(mode)} is none of conflict, fail, slow, slow-commit`);
  }
  return {
    mode,
    times: Number(input.times ?? 1),
    after: Number(input.after ?? 0),
    match: String(input.match ?? ''),
    message: String(input.message ?? 'Injected fault'),
    delayMs: Number(input.delayMs ?? 1_000),
  };
}
