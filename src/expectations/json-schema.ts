import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CannotCheck } from './cannot-check.ts';

/**
 * A test whether a text is JSON that the schema accepts; `format` is not looked at. Throws `CannotCheck` for a schema
 * that is none.
 */
export function compileJsonSchema(schema: Readonly<Record<string, unknown>>): (text: string) => boolean {
  const isDraft7 = typeof schema.$schema === 'string' && /draft-0[67]/.test(schema.$schema);
  const options = { strict: false, validateFormats: false, allErrors: false, logger: false } as const;
  try {
    const { $schema: _, ...rest } = schema;
    const validate = (isDraft7 ? new Ajv(options) : new Ajv2020(options)).compile(rest);
    return (text) => {
      const value = readJson(text);
      return value !== undefined && validate(value);
    };
  } catch (error) {
    throw new CannotCheck(`json_schema: ${(error as Error).message}`);
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
