// npm run lint: ESLint, formatting, import boundaries.
import { lint } from './lib/lint.mjs';
import { main } from './lib/main.mjs';
import { setup } from './lib/setup.mjs';

await main(async () => {
  await setup();
  process.exitCode = (await lint()).failed === 0 ? 0 : 1;
});
