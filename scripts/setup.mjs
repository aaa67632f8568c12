// npm run setup [-- --extras]: dependencies, native TensorFlow, build; with --extras also the tools of some tests.
import { main } from './lib/main.mjs';
import { setup } from './lib/setup.mjs';
import { isCI } from './lib/util.mjs';

await main(() => setup({ retry: true, extras: isCI || process.argv.includes('--extras') }));
