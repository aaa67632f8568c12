// npm run build: compiles what changed, nothing else.
import { build } from './lib/build.mjs';
import { installPackages } from './lib/dependencies.mjs';
import { withLock } from './lib/lock.mjs';
import { main } from './lib/main.mjs';
import { inRoot } from './lib/util.mjs';

await main(async () => {
  await withLock(inRoot('.setup.lock'), async () => {
    await installPackages();
    await build();
  });
});
