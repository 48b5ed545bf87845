/** The conjunction of the conditions that are there; null for none. */
export function allOf(...conditions: readonly (string | null)[]): string | null {
  const present = conditions.filter((condition) => condition !== null);
  return present.length === 0 ? null : present.map((condition) => `(${condition})`).join(' and ');
}

/** The negation of a two-valued condition; null stays null. */
export function not(condition: string | null): string | null {
  return condition === null ? null : `not (${condition})`;
}
