// npm run bench [-- --json]: set-up, then the benchmarks. With --json, stdout carries the JSON alone.
import { becomeProgram, main } from './lib/main.mjs';
import { setup } from './lib/setup.mjs';
import { progressToStderr } from './lib/util.mjs';

const args = process.argv.slice(2);
if (args.includes('--json')) progressToStderr();
await main(() => setup());
await becomeProgram('build/bench/main.js', args);
