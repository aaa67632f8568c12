// npm start [-- flags]: set-up, then `bitgibbs run mnist` with these flags.
import { becomeProgram, main } from './lib/main.mjs';
import { setup } from './lib/setup.mjs';

await main(() => setup());
await becomeProgram('build/src/cli/main.js', ['run', 'mnist', ...process.argv.slice(2)]);
