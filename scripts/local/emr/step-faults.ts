import { z } from 'zod';
import { AwsError } from '../aws-json.ts';

/**
 * What goes wrong with a step: `fail` ends FAILED without running, `fail-after` runs whole and ends FAILED,
 * `lose` is RUNNING for ever without running, `lose-after` runs whole and stays RUNNING (both until cancelled),
 * `interrupt` is killed `delayMs` after its start and ends INTERRUPTED, `delay` starts `delayMs` late,
 * `ignore-cancel` stays CANCEL_PENDING until it ends by itself.
 */
export interface StepFault {
  mode: 'fail' | 'fail-after' | 'lose' | 'lose-after' | 'interrupt' | 'delay' | 'ignore-cancel';
  /** Default 0. */
  delayMs: number;
}

/** A fault that waits for steps: it hits `times` steps whose name contains `match`, after letting `after` of them pass. */
export interface ArmedStepFault extends StepFault {
  match: string;
  times: number;
  after: number;
}

const armedSchema = z.strictObject({
  mode: z.enum(['fail', 'fail-after', 'lose', 'lose-after', 'interrupt', 'delay', 'ignore-cancel']),
  delayMs: z.number().int().min(0).default(0),
  match: z.string().default(''),
  times: z.number().int().min(1).default(1),
  after: z.number().int().min(0).default(0),
});

/** Reads the body of `POST /_steps`. */
export function parseStepFault(input: unknown): ArmedStepFault {
  const parsed = armedSchema.safeParse(input);
  if (!parsed.success) throw new AwsError('InvalidFault', z.prettifyError(parsed.error));
  return parsed.data;
}

/** Takes the fault that hits a step of this name out of `armed`, which it changes; null when none does. */
export function takeStepFault(armed: ArmedStepFault[], stepName: string): StepFault | null {
  for (const [index, fault] of armed.entries()) {
    if (!stepName.includes(fault.match)) continue;
    if (fault.after > 0) {
      fault.after -= 1;
      continue;
    }
    fault.times -= 1;
    if (fault.times === 0) armed.splice(index, 1);
    return { mode: fault.mode, delayMs: fault.delayMs };
  }
  return null;
}
