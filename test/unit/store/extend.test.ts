import assert from 'node:assert/strict';
import test from 'node:test';
import { readManifest } from '../../../src/store/manifest.js';
import { createRun, resumeRun } from '../../../src/store/open.js';
import { drawAt, toySpec, withFolder } from './toy-run.js';

test('the manifest on disk tells of an extension before it and any further draw are durable', async () => {
  await withFolder(async (run) => {
    const spec = toySpec({ plan: { draws: 2 } });
    const store = await createRun(run, spec);
    await store.extend(4);
    assert.equal((await readManifest(run))!.draws, 4);
    const told = store.extend(5);
    for (let draw = 0; draw < 5; draw++) {
      for (let chain = 0; chain < 3; chain++) store.append(drawAt(spec, chain, draw));
    }
    await store.flush();
    assert.equal((await readManifest(run))!.draws, 5);
    await told;
    await store.close('stopped');
    await assert.rejects(resumeRun(run, toySpec({ plan: { draws: 4 } })), /its draws are 5 and may grow/);
    const again = await resumeRun(run, toySpec({ plan: { draws: 5 } }));
    assert.equal(again.horizon, 5);
    await again.close('finished');
  });
});
