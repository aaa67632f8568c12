import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { buildModel, InputError, logPosterior, type Model } from '../../../src/posterior/model.js';
import { packRows } from '../../../src/posterior/rows.js';
import { analyse, type Analysis } from '../../../src/report/analysis.js';
import { type RunFacts, span } from '../../../src/report/facts.js';
import { reportPage } from '../../../src/report/page.js';
import { pngAddress } from '../../../src/report/png.js';
import { warmupTraces } from '../../../src/report/warmup-traces.js';
import { noCounts } from '../../../src/sampler/moves.js';
import { MemoryStore } from '../../../src/store/memory-store.js';
import { uniforms } from '../../support/tiny-models.js';

/** Changes of each weight (feature 0 class 0, feature 0 class 1, ..): chance a draw; below 0: frozen, apart by chain. */
const CHANGES = [0.5, 0.4, 0, -1, 0.002, 0.5];

async function storedRun(chains: number, draws: number): Promise<{ store: MemoryStore; model: Model }> {
  const model = buildModel({ features: 3, classes: 2, lit: Uint8Array.of(1, 1, 0), pi: 0.3 });
  const store = new MemoryStore(chains, 6);
  const next = uniforms(5);
  const states = Array.from({ length: chains }, (_, chain) =>
    Uint8Array.from(CHANGES, (c) => (c < 0 ? chain & 1 : 0)),
  );
  for (let draw = 0; draw < draws; draw++) {
    states.forEach((w, chain) => {
      CHANGES.forEach((chance, i) => (w[i]! ^= next() < chance ? 1 : 0));
      const logLikQ = Math.floor(4096 * next());
      store.append({ chain, draw, sweep: draw, w: w.slice(), logLikQ, counts: noCounts() });
    });
  }
  await store.flush();
  return { store, model };
}

const test3 = packRows([1, 0, 0, 0, 1, 0, 1, 1, 0], 3, [0, 1, 1]);

describe('analysis of a stored run', () => {
  test('has lp, figures and classes of every weight, predictions and warnings', async () => {
    const { store, model } = await storedRun(4, 600);
    const { lpOfChains, weights, classes, predictions, warnings, remarks } = await analyse(
      store,
      model,
      4,
      test3,
    );
    const kinds = weights.map(({ feature, class: k, kind }) => `${feature}:${k} ${kind}`);
    assert.deepEqual(kinds, [
      '0:0 mixed',
      '0:1 mixed',
      '1:0 agreed',
      '1:1 disagreed',
      '2:0 sticky',
      '2:1 mixed',
    ]);
    assert.deepEqual(classes, { mixed: 3, sticky: 1, agreed: 1, disagreed: 1 });
    assert.deepEqual(weights[3]!.meanOfChains, [0, 1, 0, 1]);
    let seen = 0;
    for await (const { chain, draw, w, logLikQ } of store.read(0, 600)) {
      assert.equal(lpOfChains[chain]![draw], logPosterior(model, w, logLikQ));
      seen++;
    }
    assert.equal(seen, 2400);
    assert.equal(predictions?.draws, 600);
    assert.match(warnings.join('|'), /chains disagree on 1 weight: not converged\|1 weight moves but/);
    assert.match(
      remarks.join('|'),
      /^1 weight never changed.*\|predictions are averaged over 600 of the 2,400 draws/,
    );
  });

  test('is refused where there are no draws', async () => {
    const { store, model } = await storedRun(2, 0);
    await assert.rejects(analyse(store, model, 2, undefined), (error) => error instanceof InputError);
  });
});

test('a picture is a PNG with its pixels', () => {
  const rgba = Uint8Array.from({ length: 4 * 6 }, (_, i) => 10 * i);
  const bytes = Buffer.from(pngAddress(3, 2, rgba).replace('data:image/png;base64,', ''), 'base64');
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [3, 2]);
  const at = bytes.indexOf('IDAT');
  const lines = inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)));
  assert.deepEqual([...lines], [0, ...rgba.subarray(0, 12), 0, ...rgba.subarray(12)]);
});

test('spans of time have their two largest units', () => {
  assert.deepEqual([0.2, 59, 60, 3661, 90000].map(span), ['0 s', '59 s', '1 min', '1 h 1 min', '1 d 1 h']);
});

describe('the page', () => {
  function facts(name: string, features: number): RunFacts {
    const settings = {
      ...{
        features,
        classes: 2,
        grid: { rows: 1, columns: features },
        images: 9,
        classNames: ['<a>', 'b&'],
        seed: 1,
      },
      ...{
        pinned: false,
        threshold: null,
        dataSha256: 'ff',
        moves: { rows: true, swaps: true },
        chains: 2,
        thin: 3,
      },
      warmupBetasQ: [],
    };
    const createdAt = '2026-01-02T03:04:05.000Z';
    const versions = { package: '0.1.0', protocol: 1 };
    return {
      ...{ folder: 'runs/x', status: 'finished', bytes: 1e6, draws: 5, version: '0.1.0' },
      manifest: { runId: 'id', data: name, createdAt, versions, draws: 5, settings },
      ...{ changedAt: new Date(createdAt), madeAt: new Date(createdAt) },
      machine: { processor: 'x', cores: 1, memory: 2 ** 30, system: 'Linux', node: '20' },
    } as unknown as RunFacts;
  }

  async function page(
    chains: number,
    draws: number,
    name = 'toy',
  ): Promise<{ html: string; analysis: Analysis }> {
    const { store, model } = await storedRun(chains, draws);
    const analysis = await analyse(store, model, chains, test3);
    return { html: reportPage({ facts: facts(name, 3), analysis }), analysis };
  }

  test('shows names as text, whatever they are', async () => {
    const { html } = await page(2, 50, '<script>alert("x")</script>');
    assert.doesNotMatch(html, /<script/);
    assert.match(
      html,
      /<h1>&lt;script&gt;alert\(&quot;x&quot;\)&lt;\/script&gt;: 2 chains of 50 draws<\/h1>/,
    );
    assert.match(html, /class &lt;a&gt;/);
  });

  test('refers to nothing outside itself', async () => {
    const { html } = await page(2, 50);
    const addresses = [...html.matchAll(/(?:(?:src|href)=|url\()["']?([^"')>]*)/g)].map((match) => match[1]!);
    assert.ok(addresses.length > 10);
    for (const address of addresses) assert.match(address, /^data:/);
  });

  test('shows the warm-up under the trace of lp where the run keeps it, and else says how to', async () => {
    const { html, analysis } = await page(2, 50);
    assert.match(html, /The warm-up is not stored \(--save-warmup\)\./);
    const { store, model } = await storedRun(2, 50);
    for (const draw of [0, 1, 2]) {
      for (const chain of [0, 1]) {
        const w = Uint8Array.from(CHANGES, () => 1);
        const logLikQ = -4096 * (100 - draw + chain);
        store.appendWarmup({ chain, draw, sweep: 3 * draw + 2, w, logLikQ, counts: noCounts() });
      }
    }
    await store.flush();
    const warmup = await warmupTraces(store.warmup, model, 2);
    const ones = logPosterior(model, new Uint8Array(6).fill(1), 0);
    assert.deepEqual(
      warmup.map(({ chain, sweep, lp }) => [chain, sweep, Math.round(1e6 * (lp - ones))]),
      [
        [0, 3, -100e6],
        [1, 3, -101e6],
        [0, 6, -99e6],
        [1, 6, -100e6],
        [0, 9, -98e6],
        [1, 9, -99e6],
      ],
    );
    const shown = reportPage({ facts: facts('toy', 3), analysis, warmup });
    assert.match(shown, /Below: the warm-up, on a scale of its own\./);
    const chart = shown.split('aria-label="Log posterior by sweep of the warm-up, one line a chain"')[1]!;
    const lines = chart.split('</svg>')[0]!.split('aria-label="line"')[1]!;
    assert.equal(lines.match(/<path /g)?.length, 2);
  });

  test('has figures with marks also for one chain, for few draws and for many chains', async () => {
    for (const [chains, draws] of [
      [1, 1],
      [1, 40],
      [2, 3],
      [12, 20],
    ] as const) {
      const { html } = await page(chains, draws);
      const figures = html.split('<figure').slice(1);
      assert.ok(figures.length >= 10, `${figures.length} figures`);
      assert.doesNotMatch(html, /NaN|Infinity|undefined/);
      for (const one of figures) {
        const marks =
          /aria-label="(?:line|rect|bar|rule|dot)"[^>]*>(?:<g[^>]*>)*<(?:path|rect|line|circle)|<img /;
        assert.match(one, marks, one.slice(0, 200));
      }
    }
  });
});
