// `leash.ts DIR`: waits for the end of its standard input, which comes when the process that holds the stack is
// gone, and stops what DIR/stack.json names, unless it was told that this has been done.
import { readState, stopServices } from './stack.ts';

let said = '';
for await (const chunk of process.stdin) said += String(chunk);
const state = readState(process.argv[2]!);
if (!said.includes('released') && state) await stopServices(state.services);
