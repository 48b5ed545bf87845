/** A form that texts often have: name, what it is called in a note, and a regular expression for the whole value. */
export interface TextPattern {
  readonly name: string;
  readonly regex: string;
}

/** From the narrowest to the widest; the first that fits is taken. */
export const TEXT_PATTERNS: readonly TextPattern[] = [
  { name: 'a UUID', regex: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$' },
  { name: 'an e-mail address', regex: '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$' },
  { name: 'a URL', regex: '^https?://[^\\s]+$' },
  { name: 'a date', regex: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
  { name: 'a code of two capitals', regex: '^[A-Z]{2}$' },
  { name: 'a code of three capitals', regex: '^[A-Z]{3}$' },
  { name: 'a number of digits alone', regex: '^[0-9]+$' },
  { name: 'a code of capitals, digits and hyphens', regex: '^[A-Z0-9]+(-[A-Z0-9]+)*$' },
];
