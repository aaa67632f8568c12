// npm run setup: dependencies, native TensorFlow, build.
import { main } from './lib/main.mjs';
import { setup } from './lib/setup.mjs';

await main(() => setup());
