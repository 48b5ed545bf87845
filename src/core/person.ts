/** A name as two mentions of one person are compared: without case and outer blanks. */
export function personOf(name: string): string {
  return name.trim().toLowerCase();
}
