import pg from 'pg';
import { canonicalDecimal } from '../../src/core/reconcile.ts';
import type { Warehouse } from '../../src/ports/warehouse.ts';
import { QUESTIONS } from './questions.ts';

/** One question with its three answers, each as `answer value` lines. */
export interface Answered {
  readonly title: string;
  readonly source: readonly string[];
  readonly spectrum: readonly string[];
  readonly native: readonly string[];
  readonly isEqual: boolean;
}

/** Asks the source, the Spectrum views and the native tables the same questions. */
export async function askEverywhere(
  sourceUrl: string,
  warehouse: Warehouse,
  pipeline: string,
): Promise<Answered[]> {
  const source = new pg.Client({ connectionString: sourceUrl });
  await source.connect();
  try {
    const answered: Answered[] = [];
    for (const { title, source: sql, warehouse: template } of QUESTIONS) {
      const { rows } = await source.query<{ answer: string; value: string }>(sql);
      const ask = async (schema: string) => {
        const result = await warehouse.query(template.replaceAll('{schema}', schema));
        return result.rows.map(([answer, value]) => line(String(answer), String(value)));
      };
      const answers = {
        source: rows.map(({ answer, value }) => line(answer, value)),
        spectrum: await ask(`${pipeline}_spectrum`),
        native: await ask(pipeline),
      };
      const isEqual =
        new Set([answers.source, answers.spectrum, answers.native].map((each) => each.join('\n'))).size === 1;
      answered.push({ title, ...answers, isEqual });
    }
    return answered;
  } finally {
    await source.end();
  }
}

function line(answer: string, value: string): string {
  return `${answer} ${canonicalDecimal(value)}`;
}
