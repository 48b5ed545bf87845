import { CannotCheck } from './cannot-check.ts';
import type { Scope } from './context.ts';

/**
 * Condition that a function of ours accepts a text, for rules that SQL cannot express. The engine calls it for each
 * value of the scan. Throws `CannotCheck` where the engine has no way to call us.
 */
export function judgedText(scope: Scope, text: string, judge: (text: string) => boolean): string {
  const { judges } = scope.session;
  const condition = scope.dialect.judged(judges.length, text);
  if (condition === null) throw new CannotCheck(`${scope.dialect.name} cannot evaluate this expectation`);
  judges.push(judge);
  return condition;
}
