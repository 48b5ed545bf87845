import type { Token } from './tokens.ts';

/** One `:name` parameter of the Data API; its value is text that the place it stands in converts. */
export interface Parameter {
  name: string;
  value: string;
}

/** Names of the parameters that the tokens refer to. */
export function parameterNames(tokens: readonly Token[]): Set<string> {
  return new Set(tokens.filter((token) => token.kind === 'parameter').map((token) => token.text));
}

/** Puts values in the place of parameters, as string literals; a parameter without a value stays. */
export function bindParameters(tokens: readonly Token[], parameters: readonly Parameter[]): Token[] {
  const values = new Map(parameters.map(({ name, value }) => [name.toLowerCase(), value]));
  return tokens.map((token) => {
    const value = token.kind === 'parameter' ? values.get(token.text.toLowerCase()) : undefined;
    return value === undefined ? token : { kind: 'string', text: value, position: token.position };
  });
}
