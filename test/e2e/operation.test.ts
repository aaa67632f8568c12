/** A life in minutes: workers come and go, everything is restarted one after the other, all over TLS. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type RunClient } from '../../src/client/index.js';
import { roleUri } from '../../src/wire/security/roles.js';
import { Authority, type Pair } from '../support/authority.js';
import { scratchFolder, start, type RunningCli } from './support/cli.js';
import { assertSerial, drawsOf, ENDLESS } from './support/long-run.js';

const folder = scratchFolder('operation');
after(() => folder.remove());

const TOKEN = 'a-secret-of-more-than-thirty-two-characters';
const SECONDS = 300;

class Site {
  readonly #ca: string;
  readonly #pairs: Readonly<Record<'coordinator' | 'worker', Pair>>;
  readonly workers: RunningCli[] = [];
  /** Everything that was started. */
  readonly all: RunningCli[] = [];
  coordinator!: RunningCli;
  client!: RunClient;
  #address = '127.0.0.1:0';

  constructor(ca: string, pairs: Readonly<Record<'coordinator' | 'worker', Pair>>) {
    this.#ca = ca;
    this.#pairs = pairs;
  }

  async coordinate(more: readonly string[] = []): Promise<void> {
    const { cert, key } = this.#pairs.coordinator;
    const tls = [
      '--tls-cert',
      cert,
      '--tls-key',
      key,
      '--tls-ca',
      this.#ca,
      '--token-file',
      folder.join('tokens'),
    ];
    const how = ['--shards', '2', '--kernel', 'wasm', '--out', folder.join('run'), '--log-format', 'json'];
    this.coordinator = start(
      ['coordinator', ...ENDLESS, '--listen', this.#address, ...tls, ...how, ...more],
      { seconds: SECONDS },
    );
    this.all.push(this.coordinator);
    this.#address = (await this.coordinator.said(/serving workers and clients at ([\d.:]+)/))[1]!;
    const tokenFile = folder.join('tokens');
    this.client?.close();
    this.client = connect(this.#address, { tls: { ca: this.#ca, tokenFile } });
  }

  add(count: number): void {
    const { cert, key } = this.#pairs.worker;
    const env = {
      BITGIBBS_TLS_CERT: cert,
      BITGIBBS_TLS_KEY: key,
      BITGIBBS_TLS_CA: this.#ca,
      BITGIBBS_LOG_FORMAT: 'json',
    };
    for (let i = 0; i < count; i++) {
      const worker = start(['worker', '--coordinator', this.#address], { seconds: SECONDS, env });
      this.workers.push(worker);
      this.all.push(worker);
    }
  }

  /** Sends the oldest workers home. */
  async remove(count: number): Promise<void> {
    const gone = this.workers.splice(0, count);
    for (const { child } of gone) child.kill('SIGTERM');
    for (const { ended } of gone) {
      const { code, stderr } = await ended;
      assert.equal(code, 0, stderr);
    }
  }

  /** Waits for so many workers, and for more draws than there were. */
  async settled(count: number): Promise<void> {
    await this.#until(({ workers }) => workers.length === count);
    const { drawsStored } = (await this.client.status()).status;
    await this.#until((status) => status.drawsStored > drawsStored);
  }

  async #until(
    wished: (status: Awaited<ReturnType<RunClient['status']>>['status']) => boolean,
  ): Promise<void> {
    while (!wished((await this.client.status()).status)) await sleep(50);
  }
}

test('workers 2, 6, 1, 4, then everything restarted in turn: the draws are the serial ones', async (t) => {
  const authority = await Authority.found(folder.path);
  writeFileSync(folder.join('tokens'), `${TOKEN}\n`);
  const pairs = {
    coordinator: await authority.sign('coordinator', { uris: [roleUri('coordinator')] }),
    worker: await authority.sign('worker', { uris: [roleUri('worker')] }),
  };
  const site = new Site(authority.ca, pairs);
  t.after(() => {
    site.client?.close();
    for (const { child } of site.all) child.kill('SIGKILL');
  });
  await site.coordinate();
  site.add(2);
  await site.settled(2);
  site.add(4);
  await site.settled(6);
  await site.remove(5);
  await site.settled(1);
  site.add(3);
  await site.settled(4);
  for (let turn = 0; turn < 4; turn++) {
    site.add(1);
    await site.remove(1);
  }
  await site.settled(4);
  site.coordinator.child.kill('SIGTERM');
  assert.equal((await site.coordinator.ended).code, 143);
  await site.coordinate(['--resume']);
  await site.settled(4);
  await site.client.stop({ finish: true });
  const { code, stdout, stderr } = await site.coordinator.ended;
  assert.equal(code, 0, stderr);
  for (const worker of site.workers) assert.equal((await worker.ended).code, 0);
  await assertSerial(folder.join('run'), drawsOf(stdout), folder.join('serial'));
  await checkLogs(site);
});

/** Lines for programs, with run and worker where there are any, and nothing that is secret. */
async function checkLogs({ all }: Site): Promise<void> {
  const texts = await Promise.all(all.map(async ({ ended }) => (await ended).stderr));
  const lines = [...texts, readFileSync(folder.join('run/run.log'), 'utf8')].flatMap((text) =>
    text.trim().split('\n'),
  );
  assert.ok(!lines.some((line) => line.includes(TOKEN) || line.includes('PRIVATE KEY')));
  const facts = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const { level, time, msg, role } of facts) assert.ok(level && time && msg && role);
  const joined = facts.filter(({ msg }) => /joined/.test(String(msg)));
  assert.ok(joined.length >= 24);
  for (const { run, worker } of joined) assert.ok(run && worker);
}
