/** One run: its parts put together, and its end. */
import { randomUUID } from 'node:crypto';
import { WasmSweepTables } from '../kernel/wasm/sweep-tables.js';
import { MAX_MEMBERS } from '../sampler/owners.js';
import { totalSweeps, type RunPlan } from '../sampler/run-plan.js';
import { walkersOf } from '../sampler/tempering/tempering.js';
import { withFacts } from '../telemetry/log.js';
import { encodeStatus } from '../wire/codec/status.js';
import { meteredServer, type ByteMeter } from '../wire/meter.js';
import { chainService, workerService } from '../wire/services.js';
import { Brain } from './brain/brain.js';
import type { AuditedState } from './brain/messages.js';
import { ChainService } from './chain-service.js';
import { DrawFeed } from './draw-feed.js';
import { EventLog } from './events.js';
import { Flusher } from './flusher.js';
import { CoordinatorServer } from './grpc-server.js';
import { Health } from './health.js';
import { runMetrics, type RunMetrics } from './metrics/run-metrics.js';
import type { CoordinatorOptions, RunOutcome } from './options.js';
import { FIRST_PACE, Pacer } from './pacer.js';
import { placeRows } from './placement.js';
import { Progress } from './progress.js';
import { Roster } from './roster.js';
import { addReflection } from './reflection.js';
import { RoundClock } from './round-clock.js';
import { fixedFacts, runFacts } from './run-facts.js';
import { Runtime } from './runtime.js';
import { Shards } from './shards.js';
import { startStates } from './starts.js';
import * as timing from './timing.js';
import { Watch } from './watch.js';
import { WorkerService } from './worker-service.js';

const FAILED = 'the coordinator failed';

export class Run {
  readonly server: CoordinatorServer;
  readonly progress: Progress;
  readonly metrics: RunMetrics;
  readonly ended: Promise<RunOutcome>;
  readonly #options: CoordinatorOptions;
  readonly #id = randomUUID();
  readonly #meter: ByteMeter = { received: 0, sent: 0 };
  readonly #health = new Health();
  readonly #feed = new DrawFeed();
  readonly #events: EventLog;
  readonly #roster = new Roster();
  readonly #watch: Watch;
  readonly #shards: Shards;
  readonly #brain: Brain;
  readonly #flusher: Flusher;
  readonly #runtime: Runtime;
  readonly #workers: WorkerService;
  readonly #chains: ChainService;
  /** Its draws may grow. */
  #plan: RunPlan;
  #stopTimer: NodeJS.Timeout | undefined;
  #ending = false;
  /** Who wanted no more draws. */
  #hasEnough: 'rule' | 'client' | undefined;
  #resolve: (outcome: RunOutcome) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(options: CoordinatorOptions) {
    this.#options = { ...options, log: withFacts(options.log, { run: this.#id }) };
    this.server = new CoordinatorServer(options.access ?? {}, this.#options.log);
    this.#plan = options.plan;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#events = new EventLog(() => options.store.horizon);
    this.#shards = new Shards(options.rows, placeRows(options.rows, options.shards));
    this.#brain = this.#makeBrain();
    this.#watch = new Watch(options.plan);
    this.metrics = this.#makeMetrics();
    this.#flusher = this.#makeFlusher();
    this.#runtime = this.#makeRuntime();
    this.#workers = this.#makeWorkers();
    this.#chains = this.#makeChains();
    this.progress = this.#makeProgress();
    this.server.grpc.addService(meteredServer(workerService, this.#meter), this.#workers.implementation);
    this.server.grpc.addService(meteredServer(chainService, this.#meter), this.#chains.implementation);
    this.#health.addToServer(this.server.grpc);
    addReflection(this.server.grpc);
  }

  start(): void {
    this.#runtime.start();
  }

  /** Ends the run at the next sweep boundary, or after a few seconds. */
  stop(): void {
    if (this.#stopTimer || this.#ending) return;
    this.#events.add({ kind: 'stopping', text: 'stopping at the next sweep boundary' });
    const { stopMs = timing.STOP_TIMEOUT_MS } = this.#options;
    this.#stopTimer = setTimeout(() => void this.#end(this.#outcome(true)), stopMs);
    this.#runtime.tell({ type: 'stopAsked' });
  }

  /** Ends the run like `stop`; it is finished then. @param reason of the rule that was met; a client gives none */
  enough(reason?: string): void {
    if (this.#stopTimer || this.#ending) return;
    this.#hasEnough = reason === undefined ? 'client' : 'rule';
    if (reason !== undefined) this.#events.add({ kind: 'converged', text: reason });
    this.stop();
  }

  /**
   * Raises the number of draws; resolves when that is durable.
   * @returns why that can't be, where it can't
   */
  async extend(draws: number): Promise<string | undefined> {
    if (this.#stopTimer || this.#ending) return 'the run is ending: resume it with more draws';
    this.#plan = { ...this.#plan, draws };
    // At once: the store brings the new number to disk before any draw beyond the old one.
    const durable = this.#options.store.extend(draws);
    this.#runtime.tell({ type: 'extended', draws });
    await durable;
    this.#options.log(`extended to ${draws} draws a chain`);
    this.#events.add({ kind: 'extended', text: `the run is to have ${draws} draws a chain` });
    return undefined;
  }

  /** Gives everything back before the run has begun; the store stays open. */
  abandon(): void {
    this.#ending = true;
    this.#stopParts();
    this.#workers.close('the coordinator could not start', false);
    this.server.abandon();
  }

  #makeBrain(): Brain {
    const { rule, plan, shards, store, kernel } = this.#options;
    return new Brain({
      rule,
      plan,
      shards: this.#shards.infos,
      spread: Math.min(shards, MAX_MEMBERS),
      memory: this.#shards.memory(rule, kernel === 'tfjs'),
      tables: new WasmSweepTables(rule),
      ...startStates(rule, plan, store),
      soloSweepsPerJob: FIRST_PACE,
      checkpointSweeps: timing.CHECKPOINT_SWEEPS,
    });
  }

  #makeMetrics(): RunMetrics {
    const { store, storeFolder, waitForWorkers = 1 } = this.#options;
    return runMetrics({
      plan: () => this.#plan,
      status: () => this.progress.status,
      ...{ faults: () => this.#brain.statistics.faults, refused: this.server.refused },
      ...{ store, storeFolder, roster: this.#roster, watch: this.#watch },
      workersExpected: waitForWorkers,
    });
  }

  #makeFlusher(): Flusher {
    const { store, flushMs = timing.FLUSH_MS } = this.#options;
    return new Flusher({
      store,
      feed: this.#feed,
      intervalMs: flushMs,
      flushed: (seconds) => this.metrics.observeFlush(seconds),
      failed: (error) => void this.#fail(error),
    });
  }

  #makeRuntime(): Runtime {
    const { store, log, waitForWorkers = 1, answerMs } = this.#options;
    return new Runtime({
      brain: this.#brain,
      ...{ store, flusher: this.#flusher, roster: this.#roster },
      clock: new RoundClock((seconds) => this.metrics.observeRound(seconds)),
      pacer: new Pacer(),
      ...{ waitForWorkers, answerMs, log },
      link: (worker) => this.#workers.link(worker),
      dismiss: (worker, reason) => this.#workers.dismiss(worker, reason),
      event: (event) => this.#events.add(event),
      audited: (state) => this.#audited(state),
      finished: (stopped) => void this.#end(this.#outcome(stopped)),
      failed: (error) => void this.#fail(error),
    });
  }

  #audited(state: AuditedState): void {
    this.#watch.audited(state, this.progress.audited(state));
    if (!this.progress.completesWarmup(state)) return;
    this.#events.add({ kind: 'warmup-ended', text: 'all chains have warmed up' });
  }

  #outcome(stopped: boolean): 'finished' | 'stopped' {
    return stopped && !this.#hasEnough ? 'stopped' : 'finished';
  }

  #makeWorkers(): WorkerService {
    const { rule, plan, kernel = 'auto', heartbeatMs = timing.HEARTBEAT_MS } = this.#options;
    const { features, classes } = rule.model;
    return new WorkerService({
      runId: this.#id,
      size: { weights: features * classes, features, chains: walkersOf(plan) },
      heartbeatMs,
      welcome: (worker) => ({ runId: this.#id, worker, rule, chains: walkersOf(plan), heartbeatMs, kernel }),
      closedBecause: () => (this.progress.outcome === 'finished' ? 'the run is over' : undefined),
      listener: this.#runtime,
      shardCount: this.#shards.count,
      shard: (shard) => this.#shards.rows(shard),
    });
  }

  #makeChains(): ChainService {
    const { rule, store } = this.#options;
    const fixed = fixedFacts(this.#id, this.#options);
    return new ChainService({
      ...{ model: rule.model, store, feed: this.#feed, events: this.#events },
      ...{ runId: this.#id, drawsId: fixed.drawsId },
      getRun: () => runFacts(fixed, this.#plan.draws, store.horizon, this.progress.status.phase),
      getStatus: () => encodeStatus(this.progress.status, totalSweeps(this.#plan)),
      extend: (draws) => this.extend(draws),
      ...{ summaries: this.#options.summaries, samplingSeconds: () => this.progress.samplingSeconds() },
      stop: (finish) => (finish ? this.enough() : this.stop()),
    });
  }

  #makeProgress(): Progress {
    const { rule, store } = this.#options;
    return new Progress({
      runId: this.#id,
      plan: () => this.#plan,
      ...{ rule, store, roster: this.#roster, meter: this.#meter },
      statistics: () => this.#brain.statistics,
      begun: () => this.#runtime.begun,
    });
  }

  async #end(wanted: 'finished' | 'stopped'): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#stopParts();
    let outcome = wanted;
    try {
      if (wanted === 'finished' && this.#hasEnough !== 'client' && !(await this.#stands()))
        outcome = 'stopped';
      await this.#options.store.close(outcome);
    } catch (error) {
      this.#workers.close(FAILED, false);
      return this.#shutDown(error);
    }
    const finished = outcome === 'finished';
    // Only now: a run that could not be stored whole goes on later, and needs its workers again.
    this.progress.end(outcome);
    this.#workers.close(finished ? 'the run is finished' : 'the coordinator was stopped', finished);
    this.#events.end({ kind: outcome, text: `the run is ${outcome}` });
    this.#feed.end(outcome);
    this.#resolve({ kind: outcome, draws: this.#options.store.horizon });
  }

  /** Closes the server of a run that has ended: whoever fetches its draws is waited for, after a stop not for long. */
  close({ kind }: RunOutcome): Promise<void> {
    this.#health.end();
    return kind === 'finished'
      ? this.server.close(timing.LINGER_MS, () => this.#chains.written)
      : this.server.close(timing.STOP_LINGER_MS, () => 0);
  }

  async #stands(): Promise<boolean> {
    const { stands, store } = this.#options;
    if (!stands) return true;
    await store.flush();
    return stands();
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#stopParts();
    this.#workers.close(FAILED, false);
    // What is durable stays so; what isn't is made again by whoever resumes.
    await this.#options.store.close('stopped').catch(() => undefined);
    await this.#shutDown(error);
  }

  #stopParts(): void {
    clearTimeout(this.#stopTimer);
    this.#runtime.close();
    this.#flusher.stop();
    this.progress.stopClock();
  }

  async #shutDown(error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error);
    this.#events.end({ kind: 'failed', text });
    this.#feed.end('failed');
    this.#health.end();
    await this.server.close(timing.STOP_LINGER_MS, () => 0);
    this.#reject(error);
  }
}
