import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { Registry } from 'prom-client';
import { buildModel, InputError } from '../../../src/posterior/model.js';
import { packRows } from '../../../src/posterior/rows.js';
import { startFigures, type FiguresService } from '../../../src/report/live/figures-service.js';
import { LivePage } from '../../../src/report/live/live-page.js';
import { type LiveStatus, statusView } from '../../../src/report/live/status-view.js';
import { noCounts } from '../../../src/sampler/moves.js';
import { createRun } from '../../../src/store/open.js';
import { startTelemetry } from '../../../src/telemetry/http.js';
import { uniforms } from '../../support/tiny-models.js';
import { scratchFolder } from '../../e2e/support/cli.js';
import { gzipSync, gunzipSync } from 'node:zlib';

const chain = { chain: 0, sweep: 3, beta: 0.25, lp: -12.34 };
const BEGUN: LiveStatus = {
  ...{ phase: 'warm-up', elapsedSeconds: 61, sweepsPerSecond: 12.34, drawsStored: 0, drawsWanted: 50 },
  chains: [chain, { ...chain, chain: 1, sweep: 2, lp: undefined }],
  workers: [{}],
};
const run = { data: '<toy>', warmupSweeps: 40 };

describe('how far a run is', () => {
  const text = (status: LiveStatus): string =>
    statusView(status, run)
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');

  test('is told in every phase', () => {
    assert.match(
      text({ ...BEGUN, phase: 'waiting', workers: [] }),
      /waiting .* 0 workers No worker is here yet\./,
    );
    assert.match(
      text(BEGUN),
      /warm-up &lt;toy&gt; 1 min 1 s · 12\.3 sweeps\/s · 1 worker Every chain has done 2 of 40 warm-up sweeps\. .* 0 3 0\.250 -12\.3 1 2 0\.250 – $/,
    );
    assert.match(
      text({ ...BEGUN, phase: 'sampling', drawsStored: 20 }),
      / 20 of 50 draws a chain are stored\. $/,
    );
    assert.match(text({ ...BEGUN, phase: 'finished', drawsStored: 50 }), /The run is over: 50 of 50 draws/);
    assert.match(
      text({ ...BEGUN, phase: 'stopped', drawsStored: 20 }),
      /The run was stopped: 20 of 50 draws/,
    );
  });

  test('has a bar of its phase, and a table that stays short', () => {
    const value = (status: LiveStatus): string | undefined =>
      /value="([^"]*)"/.exec(statusView(status, run))?.[1];
    assert.equal(value(BEGUN), '0.0500');
    assert.equal(value({ ...BEGUN, phase: 'sampling', drawsStored: 20 }), '0.4000');
    const many = statusView({ ...BEGUN, chains: Array.from({ length: 17 }, () => chain) }, run);
    assert.equal(many.match(/<tr>/g)?.length, 17);
    assert.match(many, /The first 16 of 17 chains/);
  });
});

/** The page served for real, with a run that is told by hand. */
async function served(t: TestContext, figures: FiguresService | undefined) {
  const told = { status: BEGUN };
  const pages = new LivePage({ run, status: () => told.status, figures, lastFiguresMs: 10_000 });
  const registry = new Registry();
  const server = await startTelemetry({
    ...{ address: '127.0.0.1:0', registry, notReady: () => undefined, pages },
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (!isClosed) await server.close();
    isClosed = true;
  };
  t.after(close);
  return { told, close, url: `http://${server.address}` };
}

/** Events as they come, each as `name: data`. */
async function* eventsOf(url: string, gone: AbortSignal): AsyncGenerator<string> {
  const { body } = await fetch(`${url}/live/events`, { signal: gone });
  let text = '';
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    const events = (text + part).split('\n\n');
    text = events.pop()!;
    for (const event of events) yield event.replace(/^event: (.*)\ndata: /, '$1: ');
  }
}

async function firstMatch(events: AsyncGenerator<string>, pattern: RegExp): Promise<string> {
  for (;;) {
    const { value, done } = await events.next();
    assert.ok(!done, `no event ${pattern}`);
    if (pattern.test(value)) return value;
  }
}

describe('the live page', () => {
  const packed = (draws: number) => ({ draws, gzipped: gzipSync(`<p>of ${draws}</p>`) });

  test('makes figures only while somebody looks, and only when there are more draws', async (t) => {
    const asked: number[] = [];
    let isClosed = false;
    const { told, close, url } = await served(t, {
      make: () => Promise.resolve(packed(asked.push(told.status.drawsStored))),
      close: () => Promise.resolve(void (isClosed = true)),
    });
    told.status = { ...BEGUN, phase: 'sampling', drawsStored: 1 };
    const page = await fetch(url);
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /^default-src 'none'.*connect-src 'self'/,
    );
    assert.match(await page.text(), /<title>&lt;toy&gt;, live<\/title>.*The first figures are being made/s);
    assert.equal((await fetch(`${url}/live/figures`)).status, 404);
    assert.deepEqual(asked, []);
    const gone = new AbortController();
    const events = eventsOf(url, gone.signal);
    await firstMatch(events, /^figures: 1$/);
    await firstMatch(events, /^news: ""$/);
    const plain = await fetch(`${url}/live/figures`, { headers: { 'accept-encoding': 'identity' } });
    assert.equal(plain.headers.get('content-encoding'), null);
    assert.equal(plain.headers.get('x-draws'), '1');
    assert.equal(await plain.text(), '<p>of 1</p>');
    assert.equal(await (await fetch(`${url}/live/figures`)).text(), '<p>of 1</p>');
    // A second status: time enough to have asked again for what is there.
    await firstMatch(events, /^status: /);
    assert.deepEqual(asked, [1]);
    told.status = { ...told.status, drawsStored: 2 };
    await firstMatch(events, /^figures: 2$/);
    assert.deepEqual(asked, [1, 2]);
    told.status = { ...told.status, phase: 'finished', drawsStored: 3 };
    const closing = close();
    await firstMatch(events, /^figures: 3$/);
    assert.match(await firstMatch(events, /^status: /), /The run is over: 3 of 50 draws/);
    await firstMatch(events, /^end: $/);
    gone.abort();
    await closing;
    assert.ok(isClosed);
  });

  test('says why there are no figures', async (t) => {
    const { url } = await served(t, undefined);
    assert.match(await (await fetch(url)).text(), /draws are kept in memory alone/);
    const broken = await served(t, {
      make: () => Promise.reject(new InputError('zarr.json <damaged>')),
      close: () => Promise.resolve(),
    });
    broken.told.status = { ...BEGUN, drawsStored: 1 };
    const gone = new AbortController();
    const events = eventsOf(broken.url, gone.signal);
    await firstMatch(events, /^news: .*can&#39;t be made now: zarr\.json &lt;damaged&gt;/);
    gone.abort();
  });

  test('is read only, and other paths stay as they were', async (t) => {
    const { url } = await served(t, undefined);
    const ask = async (path: string, method = 'GET'): Promise<[number, string]> => {
      const answer = await fetch(url + path, { method });
      return [answer.status, await answer.text()];
    };
    assert.deepEqual(await ask('/', 'POST'), [405, 'only GET is answered\n']);
    assert.deepEqual(await ask('/', 'HEAD'), [200, '']);
    assert.deepEqual(await ask('/live/events', 'HEAD'), [200, '']);
    assert.deepEqual(await ask('/livez'), [200, 'ok\n']);
    assert.deepEqual(await ask('/live'), [404, 'there are /, /metrics, /livez and /readyz\n']);
  });
});

describe('the thread that makes figures', () => {
  const model = buildModel({ features: 3, classes: 2, lit: Uint8Array.of(1, 1, 1), pi: 0.5 });
  const rows = packRows([1, 0, 0, 0, 1, 1], 3, [0, 1]);
  const plan = { chains: 2, draws: 40, thin: 1, warmupBetasQ: new Int32Array(0) };

  function nicenessOfThreads(): string[] {
    const tasks = '/proc/self/task';
    return readdirSync(tasks).map(
      (id) => readFileSync(`${tasks}/${id}/stat`, 'utf8').split(') ')[1]!.split(' ')[16]!,
    );
  }

  test('follows the folder of a run, gives way to other threads, and forgets nothing', async (t) => {
    const scratch = scratchFolder('live-figures');
    t.after(() => scratch.remove());
    const folder = scratch.join('run');
    const data = { name: 'toy', rows, classNames: ['a', 'b'], sha256: 'ff' };
    const spec = {
      data,
      model,
      plan,
      moves: { rows: true, swaps: true },
      seed: 1,
      versions: { package: '0', protocol: 1 },
    };
    const store = await createRun(folder, spec, { publishEveryMs: 0 });
    const figures = startFigures({ folder, test: rows, missingTest: undefined });
    t.after(() => figures.close());
    assert.equal(await figures.make(), undefined);
    const next = uniforms(8);
    const append = async (from: number, to: number): Promise<void> => {
      for (let draw = from; draw < to; draw++) {
        for (let chain = 0; chain < 2; chain++) {
          const w = Uint8Array.from({ length: 6 }, () => (next() < 0.5 ? 1 : 0));
          store.append({
            chain,
            draw,
            sweep: draw,
            w,
            logLikQ: Math.floor(-4096 * next()),
            counts: noCounts(),
          });
        }
      }
      await store.flush();
    };
    await append(0, 30);
    const html = async (): Promise<string> => gunzipSync((await figures.make())!.gzipped).toString();
    for (let draws = 0; draws < 30;) draws = (await figures.make())?.draws ?? 0;
    assert.match(
      await html(),
      /<h1>toy: 2 chains of 30 draws<\/h1>.*running, seed 1.*Calibration on the test set/s,
    );
    await append(30, 40);
    await store.close('finished');
    assert.match(await html(), /<h1>toy: 2 chains of 40 draws<\/h1>.*finished, seed 1/s);
    if (process.platform === 'linux') assert.ok(nicenessOfThreads().includes('10'));
  });
});
