// npm run lint: ESLint, formatting, import boundaries. It needs the packages, not a build that compiles.
import { installPackages } from './lib/dependencies.mjs';
import { lint } from './lib/lint.mjs';
import { withLock } from './lib/lock.mjs';
import { main } from './lib/main.mjs';
import { inRoot } from './lib/util.mjs';

await main(async () => {
  await withLock(inRoot('.setup.lock'), installPackages);
  process.exitCode = (await lint()).failed === 0 ? 0 : 1;
});
