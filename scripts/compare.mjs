// npm run compare -- jags|pymc|numpyro: set-up, the peer too, then the comparison.
import { becomeProgram, main } from './lib/main.mjs';
import { installPeer } from './lib/peers.mjs';
import { setup } from './lib/setup.mjs';

const args = process.argv.slice(2);
await main(async () => {
  await setup();
  await installPeer(args[0]);
});
await becomeProgram('build/compare/main.js', args);
