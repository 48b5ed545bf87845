import { type ExtractTry, runExtractTry } from './extract-try.ts';

// The process of one try, to be killed: its heartbeats go to the parent.
await runExtractTry(JSON.parse(process.argv[2]!) as ExtractTry, (details) => process.send!(details));
process.disconnect();
