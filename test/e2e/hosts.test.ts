/** Several hosts for real: each process in a network namespace of its own, over TLS; links fail, and one is slow. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { roleUri } from '../../src/wire/security/roles.js';
import { Authority } from '../support/authority.js';
import { scratchFolder, start, type RunningCli } from './support/cli.js';
import { assertSerial, drawsOf, ENDLESS } from './support/long-run.js';
import { networkOf, whyNoNetwork, type Host } from './support/network.js';

const PROXY = fileURLToPath(new URL('./support/slow-proxy.js', import.meta.url));
const PORT = 7070;
const SECONDS = 300;

const folder = scratchFolder('hosts');
after(() => folder.remove());

const why = whyNoNetwork();

test(
  'a coordinator and 4 workers on 5 hosts: a link goes down and comes back, another is slow and stalls; the draws are the serial ones',
  { skip: why ?? false },
  async (t) => {
    const [hub, first, ...others] = networkOf(t, 5) as [Host, Host, ...Host[]];
    const authority = await Authority.found(folder.path);
    const tls = async (role: 'coordinator' | 'worker', host: Host): Promise<string[]> => {
      // The coordinator is also reached by way of the hub.
      const addresses = role === 'coordinator' ? [host.address, hub.address] : [host.address];
      const pair = await authority.sign(`${role}-${host.address}`, { uris: [roleUri(role)], addresses });
      return ['--tls-cert', pair.cert, '--tls-key', pair.key, '--tls-ca', authority.ca];
    };
    const started: RunningCli[] = [];
    t.after(() => started.forEach(({ child }) => child.kill('SIGKILL')));
    const begin = (host: Host, args: readonly string[]): RunningCli => {
      const running = start(args, { seconds: SECONDS, enter: host.enter });
      started.push(running);
      return running;
    };
    const out = folder.join('run');
    const coordinator = begin(first, [
      ...[
        'coordinator',
        ...ENDLESS,
        '--listen',
        `${first.address}:${PORT}`,
        ...(await tls('coordinator', first)),
      ],
      ...['--shards', '2', '--kernel', 'wasm', '--workers', '4', '--out', out],
    ]);
    await coordinator.said(/serving workers and clients/);
    await slowProxy(t, hub, `${first.address}:${PORT}`);
    const workers: RunningCli[] = [];
    for (const [i, host] of others.entries()) {
      const by = i === 0 ? hub.address : first.address;
      workers.push(begin(host, ['worker', '--coordinator', `${by}:${PORT}`, ...(await tls('worker', host))]));
    }
    await coordinator.said(/worker 4 \(\S+\) joined/);
    const cut = others[3]!;
    cut.link('down');
    // Its silence is noticed after three heartbeats.
    await coordinator.said(/lost worker \d \(\S+\): nothing was heard of it for/);
    cut.link('up');
    await coordinator.said(/worker 5 \(\S+\) joined/);
    await sleep(1_000);
    coordinator.child.kill('SIGTERM');
    const { code, stdout, stderr } = await coordinator.ended;
    assert.equal(code, 143, stderr);
    for (const { child } of workers) child.kill('SIGTERM');
    for (const worker of workers) assert.equal((await worker.ended).code, 0, (await worker.ended).stderr);
    await assertSerial(out, drawsOf(stdout), folder.join('serial'));
  },
);

/** On this host: pieces come 3 ms late, and twice in three seconds nothing comes for a while. */
async function slowProxy(t: TestContext, host: Host, target: string): Promise<void> {
  const words = [PROXY, `${host.address}:${PORT}`, target, '3', '1200', '300'];
  const [program, ...args] = [...host.enter, process.execPath, ...words];
  const proxy = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => proxy.kill('SIGKILL'));
  await once(proxy.stdout, 'data');
}
