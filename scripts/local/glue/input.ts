import { AwsError } from '../aws-json.ts';

/** A parsed JSON object of a request. */
export type Input = Record<string, unknown>;

/** The request as an object; the server hands over nothing else. */
export function asInput(value: unknown): Input {
  return isObject(value) ? value : {};
}

/** A required string member; `InvalidInputException` when it is missing or empty. */
export function requireString(input: Input, member: string): string {
  const value = input[member];
  if (typeof value !== 'string' || value === '') throw invalid(`${member} must be a non-empty string`);
  return value;
}

/** A name as Glue keeps it: folded to lower case. */
export function requireName(input: Input, member: string): string {
  return requireString(input, member).toLowerCase();
}

/** A required object member; `InvalidInputException` when it is missing. */
export function requireObject(input: Input, member: string): Input {
  const value = input[member];
  if (!isObject(value)) throw invalid(`${member} must be an object`);
  return value;
}

/** A required list member of at most `max` entries; more is a `ValidationException`, as AWS checks lengths first. */
export function requireList(input: Input, member: string, max: number): unknown[] {
  const value = input[member];
  if (!Array.isArray(value)) throw invalid(`${member} must be a list`);
  if (value.length > max) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
    );
  }
  return value;
}

/** A list of strings such as partition values. */
export function requireStrings(input: Input, member: string): string[] {
  const value = input[member];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
    throw invalid(`${member} must be a list of strings`);
  }
  return value;
}

/** One page of a list: `NextToken` is the offset of the next page. Size from `MaxResults`, at most `maxSize`. */
export function page<T>(items: T[], input: Input, maxSize: number): { items: T[]; NextToken?: string } {
  const size = Math.min(Number(input.MaxResults ?? maxSize), maxSize);
  const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
  if (!Number.isSafeInteger(start) || !(size >= 1)) throw invalid('NextToken or MaxResults is not valid');
  const rest = start + size < items.length ? { NextToken: String(start + size) } : {};
  return { items: items.slice(start, start + size), ...rest };
}

/** What Glue answers to a malformed request. */
export function invalid(message: string): AwsError {
  return new AwsError('InvalidInputException', message);
}

/** What Glue answers when a database, table, partition or crawler is missing. */
export function notFound(message: string): AwsError {
  return new AwsError('EntityNotFoundException', message);
}

/** What Glue answers when a name is taken. */
export function alreadyExists(message: string): AwsError {
  return new AwsError('AlreadyExistsException', message);
}

/** Now, as AWS JSON sends instants. */
export function nowSeconds(): number {
  return Date.now() / 1000;
}

function isObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
