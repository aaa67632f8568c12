import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attach, BrainCommand, BrainEvent, Walked } from '../../../src/coordinator/brain/messages.js';
import type { WindowJob, WindowResult } from '../../../src/kernel/kernel.js';
import { randomStart } from '../../../src/posterior/weights.js';
import { CLOSED_Q } from '../../../src/sampler/owners.js';
import { totalSweeps } from '../../../src/sampler/run-plan.js';
import { neighbourPairs, planSweep } from '../../../src/sampler/sites.js';
import { Harness, ONE_SHARD, PLENTY, rule, type Setting } from './harness.js';

const typesOf = (commands: readonly BrainCommand[]): string[] => commands.map(({ type }) => type);
const isWindow = (job: object): job is WindowJob => 'kind' in job && job.kind === 'window';

/** A group of two whose first window is under way. */
function spreadChain(setting: Partial<Setting> = {}): Harness {
  const it = new Harness({ chains: 1, shards: 2, ...setting });
  it.join(0, ONE_SHARD);
  it.join(1, ONE_SHARD);
  it.run((command) => command.type === 'walk');
  return it;
}

/** Changes the first window result of an answer. */
function changed(event: BrainEvent, change: (result: WindowResult) => WindowResult): Walked {
  assert(event.type === 'walked');
  const [first, ...rest] = event.results;
  assert(first?.kind === 'window');
  return { ...event, results: [change(first), ...rest] };
}

test('a worker alone loads all shards, attaches a chain and walks jobs of whole sweeps', () => {
  const it = new Harness({ chains: 1, shards: 2, draws: 3, warmup: 3 });
  assert.deepEqual(it.join(7), [{ type: 'load', worker: 7, shards: [0, 1] }]);
  assert.deepEqual(typesOf(it.tellNext()), ['attach']);
  assert.deepEqual(typesOf(it.tellNext()), ['walk']);
  it.run();
  const lengths = it.walks.map(({ jobs: [job] }) => job?.kind === 'solo' && job.betasQ.length);
  assert.deepEqual(lengths, [2, 1, 2, 1], 'jobs end with the warm-up');
  assert.deepEqual(typesOf(it.said).slice(-3), ['draw', 'detach', 'finished']);
});

test('settling a window and opening the next is one message a member', () => {
  const it = spreadChain();
  it.run();
  const rounds = new Set(it.walks.map(({ round }) => round));
  assert.equal(it.walks.length, 2 * rounds.size);
  const jobs = it.walks.filter(({ worker }) => worker === 0).map(({ jobs: [job] }) => job!);
  assert(jobs.every(isWindow));
  jobs.slice(1).forEach((job, i) => {
    const before = jobs[i]!;
    const end = job.settleAt >= 0 ? job.settleAt + 1 : before.to;
    if (job.sweep === before.sweep) assert.equal(job.from, end);
    else assert.equal(end, it.brain.statistics.phases.sampling.sitesNeeded / it.draws.length);
  });
  assert(
    jobs.some(({ settleAt }) => settleAt >= 0),
    'some guess was wrong',
  );
});

test('the window that ends a sweep asks for the report, so a right guess costs no round', () => {
  const it = spreadChain();
  it.run();
  const jobs = it.walks.filter(({ worker }) => worker === 0).map(({ jobs: [job] }) => job as WindowJob);
  const length = Math.max(...jobs.map(({ to }) => to));
  for (const job of jobs) if (job.to === length) assert(job.report);
  for (const job of jobs) if (job.from === job.to) assert(job.settleAt >= 0, 'no empty window but to settle');
});

test('a draw needs no report at sweeps between two draws', () => {
  const it = spreadChain({ draws: 1, thin: 3 });
  it.run();
  const jobs = it.walks.map(({ jobs: [job] }) => job as WindowJob);
  const length = Math.max(...jobs.map(({ to }) => to));
  for (const { to, sweep, report } of jobs) if (to === length) assert.equal(report, sweep === 2);
});

test('an answer that comes twice or late changes nothing', () => {
  const it = spreadChain();
  const [first] = it.waiting;
  it.tellNext();
  const heard = it.waiting.length;
  assert.deepEqual(it.tell(first!), []);
  assert.equal(it.waiting.length, heard);
  it.tellNext();
  assert.deepEqual(it.tell(first!), [], 'its round is over');
});

test('what a lost worker had a part in goes back to the last audited state, the rest goes on', () => {
  const it = new Harness({ chains: 2, shards: 2, draws: 3 });
  for (let worker = 0; worker < 4; worker++) it.join(worker, ONE_SHARD);
  it.run((command) => command.type === 'draw' && command.draw === 0);
  const attached = (worker: number): Attach =>
    it.said.filter((command) => command.type === 'attach').findLast((command) => command.worker === worker)!;
  const [lost, kept] = [attached(0), attached(2)];
  const chain = lost.chains[0]!.chain;
  const state = it.draws.findLast((draw) => draw.chain === chain)?.w ?? lost.chains[0]!.w;
  const after = it.tell({ type: 'workerLost', worker: 0 });
  assert.deepEqual(
    after.filter(({ type }) => type === 'detach'),
    [{ type: 'detach', worker: 1, epoch: lost.epoch, chains: [chain] }],
  );
  const again = after.find((command) => command.type === 'attach')!;
  assert(again.epoch > Math.max(lost.epoch, kept.epoch));
  assert.deepEqual(again.chains, [{ chain, w: state }]);
  it.run();
  assert.equal(it.draws.length, 6);
  assert.equal(attached(2).epoch, again.epoch);
  const ends = it.said.filter((command) => command.type === 'detach' && command.epoch === kept.epoch);
  assert.equal(ends.length, 2, 'the other batch ended once, when it was done');
});

test('a worker that leaves gets nothing new', () => {
  const it = new Harness({ chains: 3, shards: 1, draws: 4 });
  it.join(0);
  it.join(1);
  it.run((command) => command.type === 'draw');
  const before = it.said.length;
  it.tell({ type: 'workerLeaving', worker: 0 });
  it.run();
  const later = it.said.slice(before).filter((command) => 'worker' in command && command.worker === 0);
  assert.deepEqual(later, []);
  assert.equal(it.draws.length, 12);
});

test('a stop lets sweeps under way end, and tells each chain’s state', () => {
  const it = new Harness({ chains: 2, shards: 2, draws: 50, thin: 5 });
  it.join(0, ONE_SHARD);
  it.join(1, ONE_SHARD);
  it.run((command) => command.type === 'walk' && command.jobs[0]?.chain === 1);
  it.tell({ type: 'stopAsked' });
  it.run();
  assert.deepEqual(it.said.at(-1), { type: 'finished', stopped: true });
  const states = it.said.filter((command) => command.type === 'checkpoint');
  assert.deepEqual(states.map(({ chain, sweep }) => [chain, sweep]).sort(), [
    [0, 1],
    [1, 1],
  ]);
  assert.deepEqual(it.tell({ type: 'pace', soloSweepsPerJob: 2 }), [], 'the brain is done');
});

test('a finished run that is resumed is finished at once', () => {
  const w = randomStart(rule.model, rule.seed, 0);
  const plan = { chains: 1, draws: 2, thin: 2, warmupBetasQ: new Int32Array(1) };
  const starts = [{ sweep: totalSweeps(plan), w }];
  const it = new Harness({ chains: 1, shards: 1, config: { plan, starts } });
  assert.deepEqual(it.brain.start(), [{ type: 'finished', stopped: false }]);
});

test('an impossible answer costs its worker the run', () => {
  const spoiled: [RegExp, (result: WindowResult) => WindowResult][] = [
    [/fewer partials than shared sites/, (result) => ({ ...result, partialsQ: new Int32Array(0) })],
    [/closed another's swap/, (result) => ({ ...result, partialsQ: result.partialsQ.map(() => CLOSED_Q) })],
    [/did not answer the window/, (result) => ({ ...result, slot: 5 })],
  ];
  for (const [reason, spoil] of spoiled) {
    const it = spreadChain();
    it.tell(changed(it.waiting.shift()!, spoil));
    it.run((command) => command.type === 'dropWorker');
    const drop = it.said.find((command) => command.type === 'dropWorker');
    assert.equal(drop?.worker, 0);
    assert.match(drop.reason, reason);
  }
});

test('a member whose bits are not the chain’s is dropped', () => {
  const it = spreadChain();
  const flip = (w: Uint8Array): Uint8Array => w.map((bit) => 1 - bit);
  const spoil = (result: WindowResult): WindowResult =>
    result.report ? { ...result, report: { ...result.report, w: flip(result.report.w) } } : result;
  while (it.waiting.length > 0) {
    const next = it.waiting.shift()!;
    it.tell(next.type === 'walked' && next.worker === 1 ? changed(next, spoil) : next);
  }
  const drop = it.said.find((command) => command.type === 'dropWorker');
  assert.equal(drop?.worker, 1);
  assert.match(drop.reason, /another bit/);
});

test('a state that is not what the store said is not walked on from', () => {
  const w = randomStart(rule.model, rule.seed, 0);
  const it = new Harness({ chains: 1, shards: 1, config: { starts: [{ sweep: 0, w, logLikQ: 1 }] } });
  it.join(0);
  it.run();
  const drop = it.said.find((command) => command.type === 'dropWorker');
  assert.match(drop!.reason, /log-likelihood 1 after 0 sweeps/);
  assert.deepEqual(it.walks, []);
});

test('workers without room for the data wait for more, and it is said once', () => {
  const it = new Harness({ chains: 1, shards: 3 });
  const said = [...it.join(0, ONE_SHARD), ...it.join(1, ONE_SHARD)];
  assert.deepEqual(typesOf(said), ['notice']);
  assert.deepEqual(typesOf(it.join(2, ONE_SHARD)), ['load', 'load', 'load']);
});

test('chains that are warm walk on alone until all are, then all are spread', () => {
  const it = new Harness({ chains: 3, shards: 2, draws: 4, warmup: 4 });
  it.join(0);
  it.join(1);
  it.run();
  const firstWindow = it.walks.findIndex(({ jobs }) => jobs.some(isWindow));
  const later = it.walks.slice(firstWindow).flatMap(({ jobs }) => jobs);
  assert(later.every((job) => job.kind === 'window' || job.betasQ.length === 1));
  assert(later.every((job) => job.sweep >= 4));
  const { phases } = it.brain.statistics;
  assert.equal(phases.warmup.soloSweeps, 12);
  assert.equal(phases.sampling.soloSweeps + phases.sampling.spreadSweeps, 12);
  assert(phases.sampling.spreadSweeps >= 9);
});

test('workers that join while chains are spread make a second group', () => {
  const it = new Harness({ chains: 4, shards: 2, draws: 9 });
  it.join(0, ONE_SHARD);
  it.join(1, ONE_SHARD);
  it.run((command) => command.type === 'draw');
  it.join(2, ONE_SHARD);
  it.join(3, ONE_SHARD);
  it.run((command) => command.type === 'draw' && command.draw === 5);
  const groups = it.brain.statistics.groups.map(({ workers, chains }) => [workers, chains]);
  assert.deepEqual(groups, [
    [2, 2],
    [2, 2],
  ]);
});

test('a solo worker’s threads each have a chain', () => {
  const it = new Harness({ chains: 5, shards: 1 });
  it.join(0, PLENTY, 3);
  it.tellNext();
  assert.equal(it.waiting.filter(({ type }) => type === 'attached').length, 3);
});

test('owned bits are asked for before the swaps and again among them, where swaps join shared and owned features', () => {
  const it = spreadChain({ draws: 6, owned: 0 });
  it.run();
  const windows = it.walks.flatMap(({ jobs }) => jobs).filter(isWindow);
  const plan = planSweep(rule.model, neighbourPairs(rule.model), rule.moves, rule.seed, 0);
  const swapsFrom = plan.blockStarts.at(-1)!;
  const asked = windows.filter(({ report, to }) => report && to < plan.sites.length);
  assert(asked.some(({ to }) => to === swapsFrom));
  assert(asked.some(({ from }) => from >= swapsFrom));
  assert(asked.every(({ to }) => to >= swapsFrom));
});

test('windows end with the moves of a feature or the swaps of a pair', () => {
  const it = spreadChain({ draws: 6 });
  it.run();
  const { features, classes } = rule.model;
  const pairs = neighbourPairs(rule.model);
  /** Feature or pair of a site. */
  const unitOf = (site: number): string => {
    if (site < features * classes) return `feature ${Math.floor(site / classes)}`;
    const swap = site - features * (classes + 1);
    return swap < 0 ? `feature ${site - features * classes}` : `pair ${Math.floor(swap / classes)}`;
  };
  const inside = it.walks
    .flatMap(({ jobs }) => jobs)
    .filter(isWindow)
    .flatMap(({ sweep, to }) => {
      const { sites } = planSweep(rule.model, pairs, rule.moves, rule.seed, sweep);
      return to === sites.length ? [] : [[unitOf(sites[to - 1]!), unitOf(sites[to]!)]];
    });
  assert(inside.length > 20);
  for (const [last, next] of inside) assert.notEqual(last, next);
});
