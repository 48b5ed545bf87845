import type { Command } from 'commander';
import type { Output } from './output.ts';
import { addScheduleCreate } from './schedule-create.ts';
import { addScheduleDescribe, addScheduleList } from './schedule-show.ts';
import { addScheduleSteering } from './schedule-steer.ts';

export function addSchedule(program: Command, out: Output): void {
  const schedule = program.command('schedule').summary('start runs by the clock');
  addScheduleCreate(schedule, out);
  addScheduleList(schedule, out);
  addScheduleDescribe(schedule, out);
  addScheduleSteering(schedule, out);
}
