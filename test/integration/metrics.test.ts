import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import test from 'node:test';
import type { MethodDefinition } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { callUnary, makeClient } from '../../src/wire/client.js';
import { coordinatorOf, until, workerOf } from './support/cluster.js';
import { liarOf } from './support/liar.js';
import { problem } from './support/problem.js';
import { freePort } from '../support/free-port.js';

/** Values of a scrape in the text format, by name with labels; and the names that have help and type. */
function parse(text: string): { values: Map<string, number>; described: Set<string> } {
  const values = new Map<string, number>();
  const described = new Set<string>();
  for (const line of text.split('\n')) {
    const help = /^# HELP (\S+) .{10,}$/.exec(line);
    if (help) described.add(help[1]!);
    if (line === '' || line.startsWith('#')) continue;
    const sample = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)$/.exec(line);
    assert.ok(sample, `not in the text format: ${line}`);
    values.set(sample[1]!, Number(sample[2]));
  }
  return { values, described };
}

async function scrape(address: string): Promise<ReturnType<typeof parse>> {
  const response = await fetch(`http://${address}/metrics`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  return parse(await response.text());
}

test('coordinator and worker tell what they do', async (t) => {
  const whole = problem({ draws: 400, chains: 2 });
  const { handle } = await coordinatorOf(t, whole, {
    shards: 2,
    waitForWorkers: 2,
    metricsAddress: '127.0.0.1:0',
    storeFolder: tmpdir(),
  });
  const metrics = handle.metricsAddress!;
  const probe = async (path: string): Promise<number> => (await fetch(`http://${metrics}${path}`)).status;
  assert.deepEqual([await probe('/livez'), await probe('/readyz'), await probe('/other')], [200, 503, 404]);
  const workerMetrics = `127.0.0.1:${await freePort()}`;
  void workerOf(t, handle.address, { metricsAddress: workerMetrics });
  void workerOf(t, handle.address);
  await until(handle, ({ phase, drawsStored }) => phase === 'sampling' && drawsStored > 30);
  assert.equal(await probe('/readyz'), 200);

  const before = Date.now() / 1000;
  const { values, described } = await scrape(metrics);
  const now = handle.status();
  assert.ok(now.phase === 'sampling', 'the run was over too early for this test');
  const within = (name: string, low: number, high: number): void => {
    const value = values.get(name);
    assert.ok(
      value !== undefined && value >= low && value <= high,
      `${name} is ${value}, not ${low} to ${high}`,
    );
  };
  within('bitgibbs_workers{state="working"}', 2, 2);
  within('bitgibbs_workers{state="leaving"}', 0, 0);
  within('bitgibbs_workers_expected', 2, 2);
  within('bitgibbs_worker_joins_total', 2, 2);
  for (const reason of ['left', 'lost', 'dropped']) {
    within(`bitgibbs_worker_departures_total{reason="${reason}"}`, 0, 0);
  }
  for (const kind of ['audit', 'answer']) within(`bitgibbs_worker_faults_total{kind="${kind}"}`, 0, 0);
  within('bitgibbs_run_phase{phase="sampling"}', 1, 1);
  for (const phase of ['waiting', 'warm-up', 'finished', 'stopped']) {
    within(`bitgibbs_run_phase{phase="${phase}"}`, 0, 0);
  }
  // Chains at work and draws are moments old.
  within('bitgibbs_last_draw_timestamp_seconds', before - 60, before + 60);
  within('bitgibbs_longest_waiting_chain_timestamp_seconds', before - 60, before + 60);
  within('bitgibbs_draws_wanted', 800, 800);
  within('bitgibbs_chain_sweeps_wanted', 806, 806);
  within('bitgibbs_lp_judged_draws', 20, now.chains[0]!.draws);
  within('bitgibbs_lp_rhat_ratio', 0.9, 10);
  // Draws that alternate about their mean count for more than there are: up to n log10 n, as in ArviZ.
  const judged = 2 * now.chains[0]!.draws;
  within('bitgibbs_lp_effective_draws', 1, judged * Math.log10(judged));
  within('bitgibbs_store_flush_seconds_count', 1, 10_000);
  const size = values.get('bitgibbs_store_disk_size_bytes')!;
  assert.ok(size > 0);
  within('bitgibbs_store_disk_free_bytes', 0, size);
  within('bitgibbs_sweeps_total', 12, now.sweepsDone);
  within('bitgibbs_draws_total', 2, 2 * now.drawsWanted);
  within('bitgibbs_store_horizon_draws', 2, now.drawsStored);
  within('bitgibbs_moves_proposed_total{move="flip"}', 12 * 48, now.moves.flipsProposed);
  within('bitgibbs_moves_accepted_total{move="flip"}', 1, now.moves.flipsAccepted);
  within('bitgibbs_moves_accepted_total{move="swap"}', 1, now.moves.swapsAccepted);
  within('bitgibbs_moves_proposed_total{move="row"}', 1, now.moves.rowsProposed);
  within('bitgibbs_rounds_total', 1, now.rounds);
  within('bitgibbs_window_sites_needed_total', 1, now.sitesNeeded);
  within('bitgibbs_window_sites_walked_total', 1, now.sitesWalked);
  within('bitgibbs_wrong_guesses_total{move="flip"}', 1, now.wrongGuesses.flips);
  within('bitgibbs_wrong_guesses_total{move="swap"}', 1, now.wrongGuesses.swaps);
  within('bitgibbs_message_bytes_total{direction="received"}', 1000, now.bytesReceived);
  within('bitgibbs_message_bytes_total{direction="sent"}', 1000, now.bytesSent);
  within('bitgibbs_round_seconds_count', 1, now.rounds);
  within('bitgibbs_chain_sweeps{chain="1"}', 7, now.chains[1]!.sweep);
  within('bitgibbs_chain_beta_ratio{chain="1"}', 1, 1);
  within('bitgibbs_chain_lp_nats{chain="0"}', -2000, 0);
  const build = [...values.keys()].find((name) => name.startsWith('bitgibbs_build_info{'));
  assert.match(build ?? '', /version="\d+\.\d+\.\d+.*protocol_version="1".*role="coordinator"/);
  for (const name of values.keys()) {
    const base = name.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, '');
    assert.ok(described.has(base) || described.has(name.replace(/\{.*/, '')), `${name} has no help`);
  }

  const worker = (await scrape(workerMetrics)).values;
  assert.equal(worker.get('bitgibbs_worker_connected'), 1);
  assert.equal(worker.get('bitgibbs_worker_sessions_total'), 1);
  assert.equal(worker.get('bitgibbs_worker_threads'), 1);
  assert.ok(worker.get('bitgibbs_worker_shard_rows')! >= 60);
  for (const name of ['tasks', 'task_seconds', 'sweeps', 'sites']) {
    assert.ok(worker.get(`bitgibbs_worker_${name}_total{thread="0"}`)! > 0, name);
  }
  assert.ok(worker.get('bitgibbs_worker_walks_total')! > 0);
  await handle.stop();
});

test('tempered chains tell of their ladder', async (t) => {
  const tempering = { replicas: 3, betaMinQ: 0x4000, exchangeEvery: 1, annealSweeps: 2 };
  const whole = problem({ draws: 50_000, chains: 2, warmup: 100, tempering });
  const { handle } = await coordinatorOf(t, whole, { metricsAddress: '127.0.0.1:0' });
  const metrics = handle.metricsAddress!;
  const ladderOf = async (): Promise<[string, number][]> =>
    [...(await scrape(metrics)).values].filter(([name]) => name.startsWith('bitgibbs_ladder_'));
  assert.deepEqual(await ladderOf(), []);
  void workerOf(t, handle.address);
  await until(handle, ({ drawsStored }) => drawsStored > 500);
  const ladder = new Map(await ladderOf());
  const figure = (name: string): number => ladder.get(`bitgibbs_ladder_${name}`)!;
  const betas = [0, 1, 2].map((rung) => figure(`beta_ratio{rung="${rung}"}`));
  assert.ok(betas[0] === 0.25 && betas[1]! > 0.25 && betas[1]! < 1 && betas[2] === 1, String(betas));
  const [low, high] = [0, 2].map((rung) => figure(`log_likelihood_nats{rung="${rung}"}`));
  assert.ok(low! < high!, `${low} ${high}`);
  const rejections = [0, 1].map((rung) => figure(`rejection_ratio{rung="${rung}"}`));
  assert.ok(
    rejections.every((share) => share > 0 && share < 1),
    String(rejections),
  );
  assert.equal(figure('barrier'), rejections[0]! + rejections[1]!);
  assert.ok(figure('restarts_total') > 2 && figure('round_trips_total') > 2);
  // The area under the mean log-likelihoods from beta 0.25 to 1.
  const evidence = figure('log_evidence_nats');
  assert.ok(evidence > 0.75 * low! && evidence < 0.75 * high!, `${evidence}`);
  assert.ok(figure('log_evidence_error_nats') >= 0);
  await handle.stop();
});

test('a worker that computes wrongly is counted as a fault, one that leaves is not', async (t) => {
  const whole = problem({ draws: 50_000, chains: 2 });
  const { handle } = await coordinatorOf(t, whole, {
    ...{ shards: 2, waitForWorkers: 2, metricsAddress: '127.0.0.1:0' },
  });
  const leave = new AbortController();
  const other = workerOf(t, handle.address, { signal: leave.signal });
  const liar = await liarOf(t, handle.address, (answer) =>
    answer.type === 'audited' ? { ...answer, differing: 1 } : answer,
  );
  assert.equal(liar.kind, 'dropped');
  leave.abort('enough');
  await other;
  await until(handle, ({ workers }) => workers.length === 0);
  const { values } = await scrape(handle.metricsAddress!);
  const found = (name: string) => [...values].filter(([key]) => key.startsWith(name));
  assert.deepEqual(found('bitgibbs_worker_faults_total'), [
    ['bitgibbs_worker_faults_total{kind="audit"}', 1],
    ['bitgibbs_worker_faults_total{kind="answer"}', 0],
  ]);
  assert.deepEqual(found('bitgibbs_worker_departures_total'), [
    ['bitgibbs_worker_departures_total{reason="left"}', 1],
    ['bitgibbs_worker_departures_total{reason="lost"}', 0],
    ['bitgibbs_worker_departures_total{reason="dropped"}', 1],
  ]);
  assert.equal(values.get('bitgibbs_run_phase{phase="waiting"}'), 1);
});

test('the standard health service answers for each service', async (t) => {
  const { handle } = await coordinatorOf(t, problem());
  const client = makeClient(handle.address);
  t.after(() => client.close());
  const { Check: check } = healthService as unknown as {
    Check: MethodDefinition<{ service: string }, { status: string }>;
  };
  for (const service of ['', 'bitgibbs.v1.WorkerService', 'bitgibbs.v1.ChainService']) {
    assert.equal((await callUnary(client, check, { service })).status, 'SERVING');
  }
  await assert.rejects(callUnary(client, check, { service: 'another' }), /NOT_FOUND/);
});

test('only the first 64 chains have series of their own', async (t) => {
  const whole = problem({ chains: 66, draws: 1 });
  const { handle } = await coordinatorOf(t, whole, { metricsAddress: '127.0.0.1:0' });
  const { values } = await scrape(handle.metricsAddress!);
  const betas = [...values.keys()].filter((name) => name.startsWith('bitgibbs_chain_beta_ratio'));
  assert.equal(betas.length, 64);
});
