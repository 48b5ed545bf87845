/** One statement of a session, sent as one message. `row` is a row of the scenario, from 1. */
export type Step =
  | { readonly kind: 'begin' | 'savepoint' | 'rollback to' | 'commit' | 'rollback' }
  | { readonly kind: 'prepare transaction' | 'commit prepared' | 'rollback prepared' }
  | { readonly kind: 'insert' | 'update' | 'delete' | 'mark deleted' | 'unmark'; readonly row: number }
  /** The write has the xid of a subtransaction. */
  | {
      readonly kind: 'update after savepoint' | 'delete after savepoint' | 'mark deleted after savepoint';
      readonly row: number;
    };

/** Sessions that run side by side, each in the order of its steps, and extracts in between. */
export interface Scenario {
  readonly name: string;
  /** Rows that exist before: 1 to this number. */
  readonly rowCount: number;
  readonly sessions: readonly (readonly Step[])[];
  readonly extractCount: number;
}

/** Whose turn it is, step by step: a session's number, or an extract. */
export type Schedule = readonly (number | 'extract')[];

/** All orders in which the steps of a scenario can follow one another. */
export function* schedulesOf({ sessions, extractCount }: Scenario): Generator<Schedule> {
  const actors = [...sessions.keys(), 'extract' as const];
  const left = [...sessions.map((steps) => steps.length), extractCount];
  const chosen: (number | 'extract')[] = [];
  function* next(): Generator<Schedule> {
    if (left.every((count) => count === 0)) yield [...chosen];
    for (const [at, actor] of actors.entries()) {
      if (left[at] === 0) continue;
      left[at]!--;
      chosen.push(actor);
      yield* next();
      chosen.pop();
      left[at]!++;
    }
  }
  yield* next();
}

/** A schedule in words, to run it again by hand: `0 begin, 1 update 2, extract, 0 commit`. */
export function describeSchedule({ sessions }: Scenario, schedule: Schedule): string {
  const done = sessions.map(() => 0);
  return schedule
    .map((actor) => {
      if (actor === 'extract') return actor;
      const step = sessions[actor]![done[actor]!++]!;
      return `${actor} ${step.kind}${'row' in step ? ` ${step.row}` : ''}`;
    })
    .join(', ');
}
