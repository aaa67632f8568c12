// Everything that a fresh clone needs. Each step looks first whether it is done; a second run only looks.
import { build, buildReady } from './build.mjs';
import { installPackages, packagesReady } from './dependencies.mjs';
import { extraStates, extrasReady, installExtras } from './extras.mjs';
import { withLock } from './lock.mjs';
import { installTensorFlow, tensorflowState } from './tensorflow.mjs';
import { inRoot, isCI, say } from './util.mjs';

const skipped = { ok: false, why: 'BITGIBBS_NO_TFJS is set' };
const tensorflowWanted = ['', '0'].includes(process.env.BITGIBBS_NO_TFJS ?? '');

/** Known to be there, or known to be missing when `retry` is off. */
const tensorflowSettled = (retry) =>
  !tensorflowWanted || Boolean(retry ? tensorflowState()?.ok : tensorflowState());

async function work(retry, extras) {
  await installPackages();
  // The build and the download go on side by side; a failed build is told at the end, without losing the download.
  const tensorflow = tensorflowSettled(retry) ? null : installTensorFlow();
  const results = await Promise.allSettled([build(), tensorflow]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  if (extras) await installExtras();
}

function warn({ why }) {
  process.stderr.write(
    'WARNING: native TensorFlow is not available; everything runs on the WebAssembly kernel alone.\n' +
      `  Why: ${why}\n  To try again: npm run setup. To do without it, and without this warning: BITGIBBS_NO_TFJS=1.\n`,
  );
}

/**
 * Brings everything up to date and returns the state of the optional parts: [{name, ok, why}]. With `retry`, what
 * failed at an earlier set-up is tried again; with `extras`, the tools that only some tests use are installed too.
 */
export async function setup({ retry = isCI, extras = isCI } = {}) {
  const ready = () =>
    packagesReady() && tensorflowSettled(retry) && buildReady() && (!extras || extrasReady());
  if (!ready()) await withLock(inRoot('.setup.lock'), () => work(retry, extras));
  const tensorflow = tensorflowWanted ? tensorflowState() : skipped;
  if (tensorflowWanted && !tensorflow.ok) warn(tensorflow);
  say(tensorflowWanted ? 'ready' : 'ready, without native TensorFlow (BITGIBBS_NO_TFJS is set)');
  return [{ name: 'tensorflow', ...tensorflow }, ...extraStates()];
}
