/** An aggregate over different values keeps a hash table of megabytes, however few the values; so many fit into one SELECT. */
const TABLES_PER_SELECT = 32;

/** Splits what one SELECT would ask for into several, in order, so that each keeps few enough hash tables. */
export function splitByHashTables<T>(
  items: readonly T[],
  expressionsOf: (item: T) => readonly string[],
): T[][] {
  const selects: T[][] = [[]];
  let tableCount = 0;
  for (const item of items) {
    const added = expressionsOf(item).filter((expression) => expression.includes('(distinct ')).length;
    if (tableCount + added > TABLES_PER_SELECT && tableCount > 0) {
      selects.push([]);
      tableCount = 0;
    }
    tableCount += added;
    selects.at(-1)!.push(item);
  }
  return selects;
}
