// npm run clean: removes what the build made (not node_modules, not the Python environment).
import fs from 'node:fs';
import { inRoot } from './lib/util.mjs';

for (const folder of ['build', 'src/gen']) fs.rmSync(inRoot(folder), { recursive: true, force: true });
