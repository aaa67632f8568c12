/**
 * The serial sampler: one kernel, one thread, every chain after its own rule and nothing else. It is the oracle: however
 * a run is laid out, its draws are these.
 */
import type { ChainRule, FlipKernel } from '../kernel/kernel.js';
import type { Rows } from '../posterior/rows.js';
import { noCounts, sumOfCounts, type MoveCounts } from './moves.js';
import {
  betaQOfSweep,
  drawOfSweep,
  totalSweeps,
  warmupDrawOfSweep,
  warmupSweeps,
  type RunPlan,
} from './run-plan.js';
import { SerialWalkers, type WalkerState } from './serial-walkers.js';
import type { LadderDraw } from './tempering/replica-exchange.js';
import { SerialLadder } from './tempering/serial-ladder.js';
import { isTempered, nextMeeting, walkersOf, type TemperedPlan } from './tempering/tempering.js';

export interface SerialRun {
  /** A kernel for `rule`, without shards or slots. */
  readonly kernel: FlipKernel;
  readonly rule: ChainRule;
  readonly plan: RunPlan;
  /** The data, cut into shards that the kernel can hold (row weights of each sum to at most MAX_SHARD_WEIGHT). */
  readonly shards: readonly Rows[];
  /** Warm-up sweeps between two progress events of a chain, by default 1; those that give a draw have one anyway. */
  readonly progressEvery?: number;
}

/** A chain's state after a warm-up sweep. */
export interface WarmupProgress {
  readonly kind: 'warmup';
  readonly chain: number;
  readonly sweep: number;
  readonly betaQ: number;
  /** One byte a weight, length D K, index j K + k. */
  readonly w: Uint8Array;
  readonly logLikQ: number;
  /** Moves since the chain's last event. */
  readonly counts: MoveCounts;
  /** Where the plan keeps this state as a warm-up draw: its number, and moves since the one before. */
  readonly kept?: { readonly draw: number; readonly counts: MoveCounts };
  /** Of a tempered chain whose state is kept. */
  readonly ladder?: LadderDraw;
}

export interface SerialDraw {
  readonly kind: 'draw';
  readonly chain: number;
  /** Number of the draw within its chain, from 0. */
  readonly draw: number;
  /** Number of the draw's last sweep, counted from 0 over warm-up and sampling. */
  readonly sweep: number;
  /** One byte a weight, length D K, index j K + k. */
  readonly w: Uint8Array;
  /** Log-likelihood of all rows, on the grid. */
  readonly logLikQ: number;
  /** Moves since the chain's last event: its previous draw, or the end of its warm-up. */
  readonly counts: MoveCounts;
  /** Of a tempered chain. */
  readonly ladder?: LadderDraw;
}

export type SerialEvent = WarmupProgress | SerialDraw;

/** Last sweeps of the stretches between two events: the warm-up in steps, then draw after draw. */
function* eventSweeps(plan: RunPlan, progressEvery: number): Generator<number> {
  const warmup = warmupSweeps(plan);
  for (let done = 1; done <= warmup; done++) {
    const isKept = warmupDrawOfSweep(plan, done - 1) >= 0;
    if (isKept || done % progressEvery === 0 || done === warmup) yield done - 1;
  }
  for (let sweep = warmup + plan.thin - 1; sweep < totalSweeps(plan); sweep += plan.thin) yield sweep;
}

/** What a chain has done since its last event, and since its last warm-up draw. */
class Tally {
  #sinceEvent = noCounts();
  #sinceKept = noCounts();

  add(counts: MoveCounts): void {
    this.#sinceEvent = sumOfCounts(this.#sinceEvent, counts);
    this.#sinceKept = sumOfCounts(this.#sinceKept, counts);
  }

  takeEvent(
    plan: RunPlan,
    chain: number,
    sweep: number,
    { w, logLikQ }: Pick<WalkerState, 'w' | 'logLikQ'>,
  ): SerialEvent {
    const counts = this.#sinceEvent;
    this.#sinceEvent = noCounts();
    const draw = drawOfSweep(plan, sweep);
    if (draw >= 0) return { kind: 'draw', chain, draw, sweep, w, logLikQ, counts };
    const state = { chain, sweep, betaQ: betaQOfSweep(plan, sweep), w, logLikQ, counts };
    const warmupDraw = warmupDrawOfSweep(plan, sweep);
    if (warmupDraw < 0) return { kind: 'warmup', ...state };
    const kept = { draw: warmupDraw, counts: this.#sinceKept };
    this.#sinceKept = noCounts();
    return { kind: 'warmup', ...state, kept };
  }
}

function* samplePlain(run: SerialRun, walkers: SerialWalkers): Generator<SerialEvent, void, undefined> {
  const { plan } = run;
  const tallies = Array.from({ length: plan.chains }, () => new Tally());
  let from = 0;
  for (const sweep of eventSweeps(plan, run.progressEvery ?? 1)) {
    const states = walkers.walk(from, sweep, (_, s) => betaQOfSweep(plan, s));
    for (const [chain, tally] of tallies.entries()) {
      tally.add(states[chain]!.counts);
      yield tally.takeEvent(plan, chain, sweep, states[chain]!);
    }
    from = sweep + 1;
  }
}

function* sampleTempered(
  run: SerialRun,
  plan: TemperedPlan,
  walkers: SerialWalkers,
): Generator<SerialEvent, void, undefined> {
  const { replicas } = plan.tempering;
  const chains = Array.from({ length: plan.chains }, (_, chain) => chain);
  const ladders = chains.map((chain) => new SerialLadder(plan, run.rule.seed, chain));
  const tallies = chains.map(() => new Tally());
  const events = new Set(eventSweeps(plan, run.progressEvery ?? 1));
  for (let from = 0; from < totalSweeps(plan);) {
    const done = nextMeeting(plan, from);
    const states = walkers.walk(from, done - 1, (walker, sweep) =>
      ladders[Math.floor(walker / replicas)]!.betaQ(walker % replicas, sweep),
    );
    for (const [chain, ladder] of ladders.entries()) {
      const counts = ladder.meet(done, states.slice(chain * replicas, (chain + 1) * replicas));
      tallies[chain]!.add(counts);
    }
    from = done;
    if (!events.has(done - 1)) continue;
    for (const [chain, ladder] of ladders.entries()) {
      const event = tallies[chain]!.takeEvent(plan, chain, done - 1, ladder.state);
      yield isKept(event) ? { ...event, ladder: ladder.takeDraw() } : event;
    }
  }
}

function isKept(event: SerialEvent): boolean {
  return event.kind === 'draw' || event.kept !== undefined;
}

/**
 * Runs a plan from the chains' random starts. Events come in the order (sweep, chain); the kernel is given back without
 * slots and shards. Of tempered chains, only the sweeps after which replicas meet have events.
 * @throws AuditError
 */
export function* sampleSerially(run: SerialRun): Generator<SerialEvent, void, undefined> {
  const { kernel, rule, plan, shards } = run;
  const walkers = new SerialWalkers(kernel, rule, shards, walkersOf(plan));
  try {
    yield* isTempered(plan) ? sampleTempered(run, plan, walkers) : samplePlain(run, walkers);
  } finally {
    walkers.detach();
  }
}
