import { parseRowCondition } from './row-condition/compile-condition.ts';
import { ConditionError, conditionColumns } from './row-condition/condition.ts';
import type { Kwargs } from './types.ts';

const COLUMN_KWARGS = ['column', 'column_A', 'column_B', 'column_list'];

/** A column that kwargs name, and where they do, such as `column_list[1]`. */
export interface NamedColumn {
  readonly name: string;
  readonly path: string;
}

/** The columns of the batch that kwargs name. What is no name, or a row condition that cannot be read, names none. */
export function namedColumns(kwargs: Kwargs): NamedColumn[] {
  const named = COLUMN_KWARGS.flatMap((key) => {
    const value = kwargs[key];
    if (!Array.isArray(value)) return [{ name: value, path: key }];
    return value.map((name: unknown, index) => ({ name, path: `${key}[${index}]` }));
  });
  const inCondition = conditionColumnsOf(kwargs).map((name) => ({ name, path: 'row_condition' }));
  return [...named, ...inCondition].filter((each): each is NamedColumn => typeof each.name === 'string');
}

function conditionColumnsOf(kwargs: Kwargs): readonly string[] {
  try {
    const condition = parseRowCondition(
      kwargs.row_condition as string | Record<string, unknown> | null | undefined,
    );
    return condition === null ? [] : conditionColumns(condition);
  } catch (error) {
    if (error instanceof ConditionError) return [];
    throw error;
  }
}
