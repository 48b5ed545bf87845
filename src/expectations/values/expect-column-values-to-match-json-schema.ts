import { z } from 'zod';
import { defineExpectation } from '../expectation.ts';
import { compileJsonSchema } from '../json-schema.ts';
import { judgedText } from '../judge.ts';
import { valueKwargs } from '../kwargs.ts';
import { checkValues, textValue } from './check-values.ts';

/** Each value is JSON of a shape. */
export const expectColumnValuesToMatchJsonSchema = defineExpectation({
  type: 'expect_column_values_to_match_json_schema',
  needsDuckdb: true,
  summary:
    'Each value is JSON that `json_schema` accepts (draft 2020-12, or draft-07 where `$schema` says so).',
  kwargs: z.strictObject({ ...valueKwargs, json_schema: z.record(z.string(), z.unknown()) }),
  check: (kwargs, session) =>
    checkValues(session, kwargs, (subject, scope) =>
      judgedText(scope, textValue(subject, 'a JSON schema'), compileJsonSchema(kwargs.json_schema)),
    ),
});
