// npm test (first version)
import { main } from './lib/main.mjs';
import { setup } from './lib/setup.mjs';
import { filesUnder, inRoot, run } from './lib/util.mjs';

await main(async () => {
  await setup();
  const files = filesUnder(inRoot('build', 'test', ...process.argv.slice(2, 3)), (f) =>
    f.endsWith('.test.js'),
  );
  const result = await run(process.execPath, ['--test', ...files], { show: true });
  process.exitCode = result.ok ? 0 : 1;
});
