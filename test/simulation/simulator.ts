/**
 * The brain with simulated workers on a virtual clock: delays, reordered and doubled answers, crashes, stalls, leavers,
 * late joiners, workers that compute wrongly, stops and coordinators that die. Everything follows from one seed.
 */
import assert from 'node:assert/strict';
import { Brain } from '../../src/coordinator/brain/brain.js';
import type { StartState, TemperedStart } from '../../src/coordinator/brain/config.js';
import type {
  BrainCommand,
  BrainEvent,
  Checkpoint,
  DrawCommand,
  WarmupDrawCommand,
} from '../../src/coordinator/brain/messages.js';
import { isWorkerCommand, LocalWorker, type WorkerCommand } from '../../src/coordinator/local-worker.js';
import type { Rows } from '../../src/posterior/rows.js';
import type { MoveCounts } from '../../src/sampler/moves.js';
import { drawOfSweep, warmupDrawOfSweep, warmupDraws, warmupSweeps } from '../../src/sampler/run-plan.js';
import type { ReplicaStates } from '../../src/sampler/tempering/codec.js';
import { ReferenceKernel } from '../support/reference-kernel.js';
import { brainConfig, cutRows, SHARD_BYTES, startStates, type Dice, type Scenario } from './scenario.js';
import { spoil } from './spoil.js';

interface Timed {
  readonly at: number;
  /** Order among equals. */
  readonly number: number;
  readonly act: () => void;
}

interface SimulatedWorker {
  readonly local: LocalWorker;
  /** Sends wrong numbers at times. */
  readonly isWrong: boolean;
  /** Takes commands; a stalled worker does not answer, a dead one is gone. */
  state: 'works' | 'stalls' | 'dead';
  /** When the last command it was sent arrives: commands keep their order. */
  arrival: number;
}

/** How rough the schedule is. */
interface Weather {
  readonly delay: number;
  readonly doubled: number;
  readonly crashes: number;
  readonly wrong: number;
  readonly small: number;
}

const MOST_STEPS = 60_000;

export class Simulation {
  readonly #scenario: Scenario;
  readonly #dice: Dice;
  readonly #weather: Weather;
  readonly #shards: readonly Rows[];
  readonly #workers = new Map<number, SimulatedWorker>();
  readonly #drawn: number[];
  readonly #kept: number[];
  #starts: StartState[];
  /** Where tempered chains go on. */
  readonly #ladders: (TemperedStart | undefined)[];
  #queue: Timed[] = [];
  #now = 0;
  #count = 0;
  #nextWorker = 0;
  #brain!: Brain;
  #isFinished = false;
  /** Draws that the coordinator knows of. */
  #wanted = 0;
  /** Walks under way by worker and epoch: never more than one. */
  #walking = new Set<string>();
  readonly seen = {
    draws: 0,
    tempered: 0,
    extended: 0,
    warmupDraws: 0,
    checkpoints: 0,
    dropped: 0,
    lost: 0,
    resumed: 0,
    spreadSweeps: 0,
    audits: 0,
    steps: 0,
  };

  constructor(scenario: Scenario, dice: Dice) {
    this.#scenario = scenario;
    this.#dice = dice;
    const S = dice.whole(1, Math.min(4, scenario.rows.count));
    this.#shards = cutRows(scenario.rows, S, dice);
    this.#weather = {
      ...{ delay: dice.pick([1, 10, 100]), doubled: dice.pick([0, 0.1, 0.5]), crashes: dice.pick([0, 1, 4]) },
      ...{ wrong: dice.pick([0, 0, 0.3]), small: dice.pick([0, 0.5, 1]) },
    };
    this.#starts = startStates(scenario);
    this.#drawn = scenario.oracle.map(() => 0);
    this.#kept = scenario.oracle.map(() => 0);
    this.#ladders = scenario.oracle.map(() => undefined);
  }

  /** Runs until all draws are out and right. */
  run(): void {
    for (let begun = true; begun; begun = !this.#isDone) {
      this.#begin();
      this.#live();
    }
    this.#drawn.forEach((draws) => assert.equal(draws, this.#scenario.plan.draws, 'a chain lacks draws'));
  }

  get #isDone(): boolean {
    return this.#drawn.every((draws) => draws === this.#scenario.plan.draws);
  }

  /** Draws that a coordinator is to begin with; where they are fewer than all, it is asked for the others later. */
  #firstDraws(): number {
    const { draws } = this.#scenario.plan;
    const least = Math.max(...this.#drawn) + 1;
    return least < draws && this.#dice.chance(0.4) ? this.#dice.whole(least, draws - 1) : draws;
  }

  #extend(): void {
    const { draws } = this.#scenario.plan;
    this.#wanted = draws;
    this.seen.extended++;
    this.#step({ type: 'extended', draws });
  }

  /** A new coordinator; workers of an earlier one are gone. */
  #begin(): void {
    const dice = this.#dice;
    this.#queue = [];
    this.#workers.clear();
    this.#walking.clear();
    this.#isFinished = false;
    this.#wanted = this.#firstDraws();
    const config = brainConfig(this.#scenario, this.#shards, this.#starts, this.#ladders, dice);
    this.#brain = new Brain({ ...config, plan: { ...config.plan, draws: this.#wanted } });
    if (this.#wanted < this.#scenario.plan.draws) this.#later(60 * this.#weather.delay, () => this.#extend());
    this.#take(this.#brain.start());
    const joins = dice.whole(1, 6);
    for (let i = 0; i < joins; i++)
      this.#later(dice.chance(0.6) ? 0 : 20 * this.#weather.delay, () => this.#join());
    for (let i = 0; i < this.#weather.crashes; i++)
      this.#later(60 * this.#weather.delay, () => this.#trouble());
    if (dice.chance(0.2)) this.#later(60 * this.#weather.delay, () => this.#step({ type: 'stopAsked' }));
    for (let audits = dice.whole(0, 5); audits > 0; audits--)
      this.#later(60 * this.#weather.delay, () => this.#step({ type: 'auditDue' }));
    if (dice.chance(0.3)) {
      this.#later(30 * this.#weather.delay, () =>
        this.#step({ type: 'pace', soloSweepsPerJob: dice.whole(1, 3) }),
      );
    }
  }

  /** Until the brain has finished, or its process dies. */
  #live(): void {
    const death = this.#dice.chance(0.15) ? this.#dice.whole(1, 200) : Infinity;
    for (let steps = 0; !this.#isFinished; steps++) {
      if (steps === death) break;
      assert(this.seen.steps++ < MOST_STEPS, 'the run does not end');
      if (this.#queue.length === 0) this.#rescue();
      const next = this.#queue.shift()!;
      this.#now = next.at;
      next.act();
    }
    const { phases, audits } = this.#brain.statistics;
    this.seen.audits += audits;
    this.seen.spreadSweeps += phases.warmup.spreadSweeps + phases.sampling.spreadSweeps;
    this.seen.resumed++;
  }

  /** Nothing will happen any more by itself: an honest worker with room for everything must be enough to go on. */
  #rescue(): void {
    const good = [...this.#workers.values()].filter(({ state, isWrong }) => state === 'works' && !isWrong);
    assert(good.length < 12, 'the brain waits for nothing though there are workers');
    this.#join({ isWrong: false, memoryBytes: 1000 * SHARD_BYTES });
  }

  #later(most: number, act: () => void): void {
    const timed = { at: this.#now + this.#dice.whole(0, most), number: this.#count++, act };
    this.#insert(timed);
  }

  #insert(timed: Timed): void {
    const place = this.#queue.findIndex(({ at }) => at > timed.at);
    this.#queue.splice(place < 0 ? this.#queue.length : place, 0, timed);
  }

  #join(kind?: { isWrong: boolean; memoryBytes: number }): void {
    const dice = this.#dice;
    const worker = this.#nextWorker++;
    const kernel = new ReferenceKernel(this.#scenario.rule);
    const small = dice.chance(this.#weather.small);
    const memoryBytes =
      kind?.memoryBytes ??
      (small ? dice.whole(1, this.#shards.length) : this.#shards.length) * SHARD_BYTES + dice.whole(1, 8);
    this.#workers.set(worker, {
      local: new LocalWorker(worker, kernel, this.#shards),
      isWrong: kind?.isWrong ?? dice.chance(this.#weather.wrong),
      ...{ state: 'works', arrival: this.#now },
    });
    this.#step({ type: 'workerJoined', worker, threads: dice.whole(1, 3), memoryBytes });
  }

  /** A worker dies, stalls or leaves; another may come. */
  #trouble(): void {
    const alive = [...this.#workers].filter(([, { state }]) => state === 'works');
    if (alive.length > 0) {
      const [worker, simulated] = this.#dice.pick(alive);
      const kind = this.#dice.pick(['dead', 'stalls', 'leaves'] as const);
      if (kind === 'leaves') this.#step({ type: 'workerLeaving', worker });
      else simulated.state = kind;
      const notice = (kind === 'stalls' ? 30 : 5) * this.#weather.delay;
      this.#later(notice, () => this.#lose(worker));
    }
    if (this.#dice.chance(0.7)) this.#later(10 * this.#weather.delay, () => this.#join());
  }

  #lose(worker: number): void {
    this.seen.lost++;
    const simulated = this.#workers.get(worker);
    if (simulated) simulated.state = 'dead';
    this.#step({ type: 'workerLost', worker });
  }

  #step(event: BrainEvent): void {
    if (event.type === 'walked') this.#walking.delete(`${event.worker} ${event.epoch} ${event.round}`);
    this.#take(this.#brain.step(event));
  }

  #take(commands: readonly BrainCommand[]): void {
    for (const command of commands) {
      assert(!this.#isFinished, 'a command after finished');
      if (isWorkerCommand(command)) this.#send(command);
      else if (command.type === 'draw') this.#checkDraw(command);
      else if (command.type === 'warmupDraw') this.#checkWarmupDraw(command);
      else if (command.type === 'checkpoint') this.#checkState(command, command.sweep - 1);
      else if (command.type === 'dropWorker') this.#dropped(command.worker, command.reason);
      else if (command.type === 'finished') this.#finished(command.stopped);
    }
  }

  #finished(stopped: boolean): void {
    const isDone = this.#drawn.every((draws) => draws === this.#wanted);
    assert.equal(stopped, !isDone, 'finished tells whether draws are missing');
    this.#isFinished = true;
  }

  #dropped(worker: number, reason: string): void {
    this.seen.dropped++;
    const ambiguous = reason.includes('has log-likelihood');
    const simulated = this.#workers.get(worker);
    assert(simulated && (simulated.isWrong || ambiguous), `an honest worker was dropped: ${reason}`);
    simulated.state = 'dead';
    if (this.#dice.chance(0.5))
      this.#later(20 * this.#weather.delay, () => this.#step({ type: 'workerLost', worker }));
  }

  /** Commands arrive in order; answers after any delay, doubled at times, some even from the dead. */
  #send(command: WorkerCommand): void {
    const worker = this.#workers.get(command.worker)!;
    if (command.type === 'walk') this.#oneRoundAtATime(command.worker, command.epoch, command.round);
    worker.arrival = Math.max(worker.arrival, this.#now + this.#dice.whole(0, this.#weather.delay));
    const act = (): void => {
      if (worker.state !== 'works') return;
      const answer = worker.local.answer(command);
      if (!answer) return;
      const sent = worker.isWrong ? spoil(answer, this.#dice) : answer;
      this.#later(this.#weather.delay, () => this.#step(sent));
      if (this.#dice.chance(this.#weather.doubled))
        this.#later(9 * this.#weather.delay, () => this.#step(sent));
    };
    this.#insert({ at: worker.arrival, number: this.#count++, act });
  }

  #oneRoundAtATime(worker: number, epoch: number, round: number): void {
    for (const key of this.#walking) {
      assert(!key.startsWith(`${worker} ${epoch} `), 'two rounds of a batch are under way');
    }
    this.#walking.add(`${worker} ${epoch} ${round}`);
  }

  #checkDraw(draw: DrawCommand): void {
    const { plan } = this.#scenario;
    assert.equal(this.#kept[draw.chain], warmupDraws(plan), 'warm-up draws come first, and all of them');
    assert.equal(draw.draw, this.#drawn[draw.chain], 'draws of a chain come once and in order');
    assert.equal(draw.sweep, warmupSweeps(plan) + (draw.draw + 1) * plan.thin - 1, 'a draw has its sweep');
    this.#drawn[draw.chain]!++;
    this.seen.draws++;
    this.#checkDrawn(draw);
  }

  #checkWarmupDraw(draw: WarmupDrawCommand): void {
    assert.equal(draw.draw, this.#kept[draw.chain]!++, 'warm-up draws of a chain come once and in order');
    assert.equal(draw.sweep, (draw.draw + 1) * this.#scenario.plan.thin - 1, 'a warm-up draw has its sweep');
    this.seen.warmupDraws++;
    this.#checkDrawn(draw);
  }

  #checkDrawn({ chain, sweep, w, logLikQ, counts, ladder }: DrawCommand | WarmupDrawCommand): void {
    this.#compare(chain, sweep, { w, logLikQ, counts });
    assert.deepEqual(ladder, this.#scenario.ladders[chain]![sweep], 'a draw has its ladder');
    if (ladder) return;
    this.#starts[chain] = { sweep: sweep + 1, w: w.slice(), logLikQ };
  }

  #checkState({ chain, w, logLikQ, counts, replicas }: Checkpoint, sweep: number): void {
    this.seen.checkpoints++;
    const { plan } = this.#scenario;
    // A tempered chain has one where it gives a draw, too: the counts of the next draw begin there.
    const isDraw = drawOfSweep(plan, sweep) >= 0 || warmupDrawOfSweep(plan, sweep) >= 0;
    const isCounted =
      !isDraw && (sweep >= warmupSweeps(plan) || (plan.saveWarmup && sweep + 1 < warmupSweeps(plan)));
    this.#compare(chain, sweep, isCounted ? { w, logLikQ, counts } : { w, logLikQ });
    if (replicas) return this.#goOnWith(chain, sweep + 1, replicas, counts);
    this.#starts[chain] = { sweep: sweep + 1, w: w.slice(), logLikQ, counts };
  }

  #goOnWith(chain: number, sweep: number, replicas: ReplicaStates, counts: MoveCounts): void {
    this.seen.tempered++;
    replicas.w.forEach((w, r) => {
      const start = { sweep, w: w.slice(), logLikQ: replicas.logLikQ[r]! };
      this.#starts[chain * replicas.w.length + r] = start;
    });
    this.#ladders[chain] = { exchange: replicas.exchange, counts };
  }

  #compare(chain: number, sweep: number, got: Partial<DrawCommand>): void {
    const want = this.#scenario.oracle[chain]![sweep]!;
    const at = `chain ${chain}, sweep ${sweep}`;
    assert.equal(got.logLikQ, want.logLikQ, `log-likelihood of ${at}`);
    assert.deepEqual(got.w, want.w, `bits of ${at}`);
    if (got.counts) assert.deepEqual(got.counts, want.counts, `moves of ${at}`);
  }
}
