import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

const SIGNALS = new URL('../../../src/cli/signals.js', import.meta.url).href;

/** A process whose stop never ends by itself; its exit code after these signals. */
async function exitCode(grace: string, signals: readonly NodeJS.Signals[]): Promise<number | null> {
  const program = `
    import { onStopSignal } from ${JSON.stringify(SIGNALS)};
    onStopSignal(['SIGINT', 'SIGTERM'], () => console.log('stopping'), ${grace});
    setInterval(() => undefined, 1000);
    console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  for (const signal of signals) {
    await once(child.stdout, 'data');
    child.kill(signal);
  }
  return (await exited)[0];
}

test('a stop that does not end is ended by the grace, or by a second signal', async () => {
  assert.equal(await exitCode('100', ['SIGTERM']), 143);
  assert.equal(await exitCode('100', ['SIGINT']), 130);
  assert.equal(await exitCode('undefined', ['SIGTERM', 'SIGINT']), 130);
});
