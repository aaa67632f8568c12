/** The Python client against the real coordinator: draws exactly, also when the client is killed and goes on. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { packWeights } from '../../src/posterior/weights.js';
import { type RunningCli, scratchFolder, start, succeed } from '../e2e/support/cli.js';
import { withoutPython } from '../support/python-reader.js';
import { grpcurlStream, withoutApiTools } from './support/api-tools.js';
import { coordinatorOf, workerOf } from './support/cluster.js';
import { keysOf } from './support/keys.js';
import { problem } from './support/problem.js';

const python = process.env['BITGIBBS_TEST_PYTHON'] ?? '';
const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const scratch = scratchFolder('python-client');
const site = scratch.join('site');

interface Running {
  readonly child: ChildProcess;
  /** Resolves when it has said that it is connected; Python takes seconds to begin. */
  readonly ready: Promise<void>;
  /** Standard output at the end. @throws Error when it ends otherwise than with 0 */
  readonly said: Promise<string>;
}

function pythonRuns(args: readonly string[]): Running {
  const child = spawn(python, args, {
    env: { ...process.env, PYTHONPATH: site },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text.out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text.err += part));
  const said = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`Python ended with ${code}: ${text.err}`);
    return text.out;
  });
  said.catch(() => undefined);
  const connected = new Promise<void>((resolve) => {
    child.stderr.on('data', () => text.err.startsWith('connected\n') && resolve());
  });
  return { child, said, ready: Promise.race([connected, said.then(() => undefined)]) };
}

const pulling = (...args: string[]): Running =>
  pythonRuns([file('test/support/python/pull_draws.py'), ...args]);

/** It ends when it is told to. */
const LONG = problem({ draws: 1_000_000, thin: 20 });

/** A client that follows the run, can be killed and goes on where it was. */
interface Follower {
  begin(): Promise<void>;
  /** Resolves when more has come. */
  grows(): Promise<void>;
  kill(): Promise<void>;
  /** Resolves with a line a draw when the run has ended. */
  end(): Promise<string[]>;
}

const lineOf = (chain: number, draw: number, bits: Uint8Array, logLikQ: number): string =>
  JSON.stringify([chain, draw, Buffer.from(bits).toString('hex'), logLikQ]);

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'close');
}

async function growing(size: () => number): Promise<void> {
  const before = size();
  while (size() <= before) await sleep(5);
}

function pythonFollower(address: string, path: string): Follower {
  let client: Running;
  return {
    async begin() {
      client = pulling('follow', address, path);
      await client.ready;
    },
    grows: () => growing(() => sizeOf(path)),
    kill: () => killed(client.child),
    async end() {
      await client.said;
      return linesOf(path).map((line) => {
        const [chain, draw, , bits, logLikQ] = JSON.parse(line) as [number, number, string, string, number];
        return lineOf(chain, draw, Buffer.from(bits, 'hex'), logLikQ);
      });
    },
  };
}

function typescriptFollower(address: string, path: string): Follower {
  const args = ['pull', '--coordinator', address, '--follow', '--resume', '--out', path];
  let client: RunningCli;
  return {
    begin() {
      client = start(args, { seconds: 300 });
      return Promise.resolve();
    },
    grows: () => growing(() => sizeOf(path)),
    async kill() {
      client.child.kill('SIGKILL');
      await client.ended;
    },
    async end() {
      assert.equal((await client.ended).code, 0);
      return linesOf(path)
        .slice(1)
        .map((line) => {
          const { chain, draw, w, logLikQ } = JSON.parse(line) as Record<
            'chain' | 'draw' | 'logLikQ',
            number
          > & {
            readonly w: string;
          };
          return lineOf(chain, draw, Buffer.from(w, 'base64'), logLikQ);
        });
    },
  };
}

/** It goes on with the last draw that it has, which comes again. */
function grpcurlFollower(address: string): Follower {
  const seen = new Map<string, string>();
  let last = 0;
  let client: ChildProcess;
  let closed: Promise<unknown>;
  let text = '';
  const take = (): void => {
    const parts = text.split(/(?<=^\})\n/m);
    text = parts.pop()!;
    for (const part of parts) {
      for (const { chain, draw, logLikQ, bits } of (JSON.parse(part) as { draws: JsonDraw[] }).draws) {
        seen.set(`${draw} ${chain}`, lineOf(chain, draw, Buffer.from(bits, 'base64'), Number(logLikQ)));
        last = draw;
      }
    }
  };
  return {
    begin() {
      text = '';
      client = grpcurlStream(address, { follow: true, from_draw: last });
      closed = once(client, 'close');
      client.stdout!.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        take();
      });
      return Promise.resolve();
    },
    grows: () => growing(() => seen.size),
    async kill() {
      client.kill('SIGKILL');
      await closed;
    },
    async end() {
      await closed;
      return [...seen.values()];
    },
  };
}

interface JsonDraw {
  readonly chain: number;
  readonly draw: number;
  readonly logLikQ: string;
  readonly bits: string;
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

describe('Python client', { skip: withoutPython }, () => {
  before(async () => {
    const build = ['--no-index', '--no-deps', '--no-build-isolation', '--disable-pip-version-check'];
    await pythonRuns(['-m', 'pip', 'install', '-q', ...build, '--target', site, file('python')]).said;
  });
  after(() => scratch.remove());

  test('gives the DataTree of the run’s folder, pulled while the run goes on', async (t) => {
    const run = scratch.join('run');
    const size = ['--chains', '3', '--draws', '250', '--warmup', '20', '--thin', '2', '--shards', '1'];
    const layout = ['--listen', '127.0.0.1:0', '--kernel', 'wasm', '--out', run];
    const coordinator = start(['coordinator', 'mnist56', '--images', '600', ...size, ...layout]);
    t.after(() => coordinator.child.kill('SIGKILL'));
    const address = (await coordinator.said(/clients at (\S+)/))[1]!;
    const compared = pulling('compare', address, run);
    await compared.ready;
    const worker = start(['worker', '--coordinator', address, '--kernel', 'wasm']);
    t.after(() => worker.child.kill('SIGKILL'));
    const { digest, status, groups } = JSON.parse(await compared.said) as Record<string, unknown>;
    await Promise.all([coordinator.ended, worker.ended]);
    assert.equal(digest, (await succeed(['digest', run])).trim());
    assert.equal(status, 'finished');
    assert.deepEqual(groups, ['constant_data', 'posterior', 'sample_stats']);
  });

  test('killed and resumed during a run has each draw once', async (t) => {
    const { handle, store } = await coordinatorOf(t, LONG, { flushMs: 20 });
    const path = scratch.join('draws');
    let client = pulling('follow', handle.address, path);
    await client.ready;
    void workerOf(t, handle.address);
    const grown = async (seen: number): Promise<void> => {
      while (sizeOf(path) <= seen) await Promise.race([sleep(5), client.said]);
    };
    for (let kills = 0; kills < 3; kills++) {
      await grown(sizeOf(path));
      client.child.kill('SIGKILL');
      await once(client.child, 'close');
      client = pulling('follow', handle.address, path);
      await client.ready;
    }
    await grown(sizeOf(path));
    await handle.enough();
    assert.equal(await client.said, 'finished\n');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const expected: string[] = [];
    for await (const { chain, draw, w, logLikQ } of store.read(0, store.horizon)) {
      const bits = Buffer.from(packWeights(w)).toString('hex');
      expected.push(JSON.stringify([chain, draw, bits, logLikQ]));
    }
    const found = lines.map((line) => {
      const [chain, draw, , bits, logLikQ] = JSON.parse(line) as unknown[];
      return JSON.stringify([chain, draw, bits, logLikQ]);
    });
    assert.ok(expected.length > 5);
    assert.equal(found.join('\n'), expected.join('\n'));
  });

  test(
    'and TypeScript and grpcurl at once, killed and resumed, end with the draws of the run',
    { skip: withoutApiTools },
    async (t) => {
      const { handle, store } = await coordinatorOf(t, LONG, { flushMs: 20 });
      const clients = [
        pythonFollower(handle.address, scratch.join('three-python')),
        typescriptFollower(handle.address, scratch.join('three-typescript')),
        grpcurlFollower(handle.address),
      ];
      await Promise.all(clients.map((client) => client.begin()));
      void workerOf(t, handle.address);
      // In turn, so that at each kill two others go on reading.
      for (const client of [...clients, ...clients]) {
        await client.grows();
        await client.kill();
        await client.begin();
      }
      await Promise.all(clients.map((client) => client.grows()));
      await handle.enough();
      const expected: string[] = [];
      for await (const { chain, draw, w, logLikQ } of store.read(0, store.horizon)) {
        expected.push(lineOf(chain, draw, packWeights(w), logLikQ));
      }
      for (const client of clients) assert.equal((await client.end()).join('\n'), expected.join('\n'));
    },
  );

  test('takes a choice of draws, and tells in one line what is refused', async (t) => {
    const { handle } = await coordinatorOf(t, LONG, { flushMs: 20 });
    void workerOf(t, handle.address);
    while (handle.status().drawsStored < 4) await sleep(5);
    const lines = (await pulling('refused', handle.address).said).trimEnd().split('\n');
    const refused = `the coordinator at ${handle.address} refused: `;
    assert.equal(lines[0], '[1] [0, 2] running');
    assert.ok(lines[1]!.startsWith(`INVALID_ARGUMENT ${refused}chains `), lines[1]);
    assert.ok(lines[2]!.startsWith(`FAILED_PRECONDITION ${refused}`), lines[2]);
    assert.ok(lines[3]!.startsWith(`INVALID_ARGUMENT ${refused}cursors`), lines[3]);
    assert.equal(lines[4], 'UNAVAILABLE no coordinator answers at 127.0.0.1:1 (waited 0.5 s)');
    assert.equal(lines.length, 5);
    await handle.stop();
  });

  test('speaks TLS, with a certificate or a token', async (t) => {
    const keys = await keysOf(t);
    const certificates = keys.opened(await keys.sign('coordinator'), 'coordinator');
    const { path, list } = keys.tokens('a-token-of-more-than-thirty-two-characters');
    const access = { certificates, tokens: list };
    const { handle } = await coordinatorOf(t, LONG, { flushMs: 20, access });
    void workerOf(t, handle.address, { identity: await keys.identity('worker') });
    while (handle.status().drawsStored < 1) await sleep(5);
    const { cert, key } = await keys.sign('client');
    const { said } = pulling('secured', handle.address, keys.authority.ca, cert, key, path);
    assert.match(await said, /^0\n0\nUNAUTHENTICATED the coordinator at \S+ refused: [^\n]*\n$/);
    await handle.stop();
  });
});
