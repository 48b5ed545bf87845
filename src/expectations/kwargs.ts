import { z } from 'zod';

/** `row_condition` in any of its forms; read by parseRowCondition. */
const rowCondition = z.union([z.string(), z.record(z.string(), z.unknown())]).nullish();

/** Kwargs of every expectation that can be limited to some rows. */
export const conditionKwargs = {
  row_condition: rowCondition,
  condition_parser: z
    .enum(['great_expectations', 'great_expectations__experimental__', 'pandas', 'spark'])
    .nullish(),
};

/** Kwargs of every expectation that judges row by row. */
export const rowKwargs = {
  mostly: z.number().min(0).max(1).default(1),
  ...conditionKwargs,
};

/** Kwargs of expectations that judge each value of one column. */
export const valueKwargs = { column: z.string(), ...rowKwargs };

/** Kwargs of expectations about one figure of one column. */
export const aggregateKwargs = { column: z.string(), ...conditionKwargs };

/** Bounds of a figure; dates and instants as text. */
export const boundKwargs = {
  min_value: z.union([z.number(), z.string()]).nullish(),
  max_value: z.union([z.number(), z.string()]).nullish(),
  strict_min: z.boolean().default(false),
  strict_max: z.boolean().default(false),
};

/** Bounds that are numbers. */
export const numberBoundKwargs = {
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  strict_min: z.boolean().default(false),
  strict_max: z.boolean().default(false),
};

/** Bounds that are whole numbers. */
export const countBoundKwargs = {
  min_value: z.number().int('must be integers').nullish(),
  max_value: z.number().int('must be integers').nullish(),
  strict_min: z.boolean().default(false),
  strict_max: z.boolean().default(false),
};

/** A value of a set: a scalar of JSON. */
export const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Bounds of a figure, as kwargs give them. */
export interface Bounds {
  readonly min_value?: number | string | null;
  readonly max_value?: number | string | null;
  readonly strict_min: boolean;
  readonly strict_max: boolean;
}

/** What `row_condition` and its parser look like in kwargs. */
export interface ConditionKwargs {
  readonly row_condition?: string | Record<string, unknown> | null;
  readonly condition_parser?: string | null;
}
