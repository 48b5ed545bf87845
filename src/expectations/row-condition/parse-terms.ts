import { z } from 'zod';
import { type Condition, ConditionError } from './condition.ts';
import { parseConditionText } from './parse-text.ts';

const columnTerm = z.union([z.string(), z.object({ name: z.string() }).transform((term) => term.name)]);
const constant = z.union([z.string(), z.number(), z.boolean()]);
const comparison = z.object({
  column: columnTerm,
  operator: z.enum(['==', '!=', '<', '<=', '>', '>=', 'IN', 'NOT_IN']),
  parameter: z.union([constant, z.array(constant)]),
});
const nullity = z.object({ column: columnTerm, is_null: z.boolean() });
const group = z.object({ conditions: z.array(z.record(z.string(), z.unknown())).min(1).max(100) });
const passThrough = z.object({ pass_through_filter: z.string() });
const MAX_DEPTH = 100;

/** Reads a condition in the object form of Great Expectations 1.x. Throws `ConditionError`. */
export function parseConditionTerms(term: Readonly<Record<string, unknown>>, depth = 0): Condition {
  if (depth > MAX_DEPTH) throw new ConditionError(`nested deeper than ${MAX_DEPTH}`);
  switch (term.type) {
    case 'comparison': {
      const { column, operator, parameter } = read(comparison, term);
      if (operator === 'IN' || operator === 'NOT_IN') {
        if (!Array.isArray(parameter)) throw new ConditionError(`${operator} needs a list as its parameter`);
        const test: Condition = { kind: 'in', column, values: parameter };
        return operator === 'IN' ? test : { kind: 'not', term: test };
      }
      if (Array.isArray(parameter)) throw new ConditionError(`${operator} needs one value, not a list`);
      return { kind: 'compare', column, comparator: operator, value: parameter };
    }
    case 'nullity': {
      const { column, is_null } = read(nullity, term);
      const test: Condition = { kind: 'is-null', column };
      return is_null ? test : { kind: 'not', term: test };
    }
    case 'and':
    case 'or': {
      const { conditions } = read(group, term);
      return { kind: term.type, terms: conditions.map((inner) => parseConditionTerms(inner, depth + 1)) };
    }
    case 'pass_through':
      return parseConditionText(read(passThrough, term).pass_through_filter);
    default:
      throw new ConditionError(
        `type ${JSON.stringify(term.type)} is none of comparison, nullity, and, or, pass_through`,
      );
  }
}

function read<T>(schema: z.ZodType<T>, term: unknown): T {
  const parsed = schema.safeParse(term);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new ConditionError(`${issue.path.join('.') || 'condition'}: ${issue.message}`);
}
