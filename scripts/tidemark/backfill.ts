import type { Command } from 'commander';
import { addBackfillPlan } from './backfill-plan.ts';
import { addBackfillStart } from './backfill-start.ts';
import { addBackfillStatus } from './backfill-status.ts';
import { addBackfillSteering } from './backfill-steer.ts';
import type { Output } from './output.ts';

export function addBackfill(program: Command, out: Output): void {
  const command = program.command('backfill').summary('re-read a range of business dates, chunk by chunk');
  addBackfillPlan(command, out);
  addBackfillStart(command, out);
  addBackfillStatus(command, out);
  addBackfillSteering(command, out);
}
