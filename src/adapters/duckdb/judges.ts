import { BOOLEAN, type DuckDBConnection, DuckDBScalarFunction, INTEGER, VARCHAR } from '@duckdb/node-api';

/** Lets SQL call the n-th judge for a text: `tidemark_judge(n, text)`. NULL in, NULL out. */
export function registerJudges(
  connection: DuckDBConnection,
  judges: readonly ((text: string) => boolean)[],
): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'tidemark_judge',
      parameterTypes: [INTEGER, VARCHAR],
      returnType: BOOLEAN,
      mainFunction: (_, input, output) => {
        const [which, texts] = [input.getColumnVector(0), input.getColumnVector(1)];
        for (let row = 0; row < input.rowCount; row++) {
          const judge = judges[Number(which.getItem(row))];
          const text = texts.getItem(row);
          output.setItem(row, typeof text === 'string' && judge !== undefined ? judge(text) : null);
        }
        output.flush();
      },
    }),
  );
}
