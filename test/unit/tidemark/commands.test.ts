import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addCommands } from '../../../scripts/tidemark/commands.ts';
import { EXIT, type Output } from '../../../scripts/tidemark/output.ts';

const out: Output = { print: () => undefined, complain: () => undefined, env: {}, exitCode: EXIT.ok };

async function namesFor(typed: string | undefined): Promise<string[]> {
  const program = new Command('tidemark');
  await addCommands(program, out, typed);
  return program.commands.map((command) => command.name());
}

it('reads the file of the command that was typed, and of all for help', async () => {
  const all = await namesFor('--help');
  expect(all).toHaveLength(19);
  for (const name of all) {
    const alone = await namesFor(name);
    expect(alone).toContain(name);
    expect(alone.length).toBeLessThan(5);
  }
  expect(await namesFor(undefined)).toEqual(all);
  expect(await namesFor('gats')).toEqual(all);
});
