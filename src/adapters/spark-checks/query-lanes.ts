import type { Answer } from '../../expectations/check.ts';
import type { QueryRefused } from '../../expectations/run-checks.ts';

type Answers = readonly (Answer | QueryRefused)[];
type Ask = (queries: readonly string[]) => Promise<Answers>;

interface Waiting {
  readonly queries: readonly string[];
  readonly resolve: (answers: Answers) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Runs lanes of work side by side and answers what they ask together: when every lane that has not ended waits for answers, all
 * their queries go out as one round. A round that fails ends every lane that waits for it.
 */
export async function runLanes<T>(
  lanes: readonly ((ask: Ask) => Promise<T>)[],
  askTogether: (queries: readonly string[], round: number) => Promise<Answers>,
): Promise<T[]> {
  let running = lanes.length;
  let round = 0;
  let waiting: Waiting[] = [];
  const goOn = async () => {
    if (waiting.length === 0 || waiting.length < running) return;
    const asked = waiting;
    waiting = [];
    round += 1;
    try {
      const answers = await askTogether(
        asked.flatMap(({ queries }) => queries),
        round,
      );
      let from = 0;
      for (const { queries, resolve } of asked) {
        resolve(answers.slice(from, from + queries.length));
        from += queries.length;
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };
  const ask: Ask = (queries) =>
    new Promise((resolve, reject) => {
      waiting.push({ queries, resolve, reject });
      void goOn();
    });
  return await Promise.all(
    lanes.map(async (lane) => {
      try {
        return await lane(ask);
      } finally {
        running -= 1;
        void goOn();
      }
    }),
  );
}
