/** A small sampling problem and the oracle's answer to it, made from a seed. */
import type { BrainConfig, StartState, TemperedStart } from '../../src/coordinator/brain/config.js';
import { PlainSweepTables } from '../../src/coordinator/brain/sweep-tables.js';
import type { ChainRule } from '../../src/kernel/kernel.js';
import { litFeatures, takeRows, type Rows } from '../../src/posterior/rows.js';
import { randomStart } from '../../src/posterior/weights.js';
import { noCounts, sumOfCounts, type MoveCounts } from '../../src/sampler/moves.js';
import {
  drawOfSweep,
  totalSweeps,
  warmupDrawOfSweep,
  warmupSweeps,
  type RunPlan,
  type Tempering,
} from '../../src/sampler/run-plan.js';
import { sampleSerially } from '../../src/sampler/serial.js';
import type { LadderDraw } from '../../src/sampler/tempering/replica-exchange.js';
import { walkersOf } from '../../src/sampler/tempering/tempering.js';
import { ReferenceKernel } from '../support/reference-kernel.js';
import { ruleOf, tinyModel, uniforms } from '../support/tiny-models.js';

/** Random choices, one after the other. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = uniforms(seed);
  }

  chance(p: number): boolean {
    return this.#next() < p;
  }

  /** A whole number from low to high. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)]!;
  }
}

/** A chain after each sweep: what any layout must give. */
export interface OracleState {
  readonly w: Uint8Array;
  readonly logLikQ: number;
  /** Moves since the last draw or kept warm-up draw before this sweep's end, this sweep's included. */
  readonly counts: MoveCounts;
}

export interface Scenario {
  readonly rule: ChainRule;
  readonly plan: RunPlan;
  readonly rows: Rows;
  /** By chain, then sweep. */
  readonly oracle: readonly (readonly OracleState[])[];
  /** What the oracle's events tell of the ladders: by chain, then sweep. */
  readonly ladders: readonly (readonly (LadderDraw | undefined)[])[];
}

const GRIDS = [
  { rows: 2, columns: 2 },
  { rows: 1, columns: 6 },
  { rows: 2, columns: 3 },
  { rows: 3, columns: 3 },
  { rows: 2, columns: 6 },
  { rows: 4, columns: 4 },
];

export function scenario(seed: number): Scenario {
  const dice = new Dice(seed);
  const grid = dice.pick(GRIDS);
  const features = grid.rows * grid.columns;
  const classes = dice.whole(2, features > 9 ? 3 : 4);
  const pis = Array.from({ length: features * classes }, () => dice.pick([0.2, 0.4, 0.5, 0.7]));
  const { model, rows } = tinyModel({
    ...{ features, classes, grid, seed, rows: dice.whole(4, 14), pinned: dice.chance(0.25) },
    litChance: Array.from({ length: features }, () => dice.pick([0, 0.1, 0.1, 0.4, 0.8])),
    ...{ maxWeight: dice.pick([1, 1, 9]), signal: dice.pick([0, 1]) },
    pi: dice.chance(0.4) ? pis : dice.pick([0.5, 0.3]),
  });
  const rule = ruleOf(model, seed, { rows: dice.chance(0.7), swaps: dice.chance(0.8) });
  const isTempered = dice.chance(0.4);
  const warmup = isTempered ? dice.pick([0, 2, 9, 18]) : dice.whole(0, 3);
  const plan: RunPlan = {
    ...{ chains: dice.whole(1, isTempered ? 3 : 6), draws: dice.whole(1, 3), thin: dice.whole(1, 3) },
    warmupBetasQ: Int32Array.from({ length: warmup }, () => dice.pick([0, 2000, 20000, 65536])),
    saveWarmup: dice.chance(0.5),
    ...(isTempered ? { tempering: tempering(warmup, dice) } : {}),
  };
  return { rule, plan, rows, oracle: oracleStates(rule, plan, rows), ladders: ladderDraws(rule, plan, rows) };
}

function tempering(warmup: number, dice: Dice): Tempering {
  return {
    ...{ replicas: dice.whole(2, 4), betaMinQ: dice.pick([0, 3000]), exchangeEvery: dice.whole(1, 3) },
    annealSweeps: dice.whole(0, Math.min(2, warmup)),
  };
}

/** The serial sampler's states after every sweep: its draws when each sweep gives one. */
function oracleStates(rule: ChainRule, plan: RunPlan, rows: Rows): OracleState[][] {
  const states: OracleState[][] = Array.from({ length: plan.chains }, () => []);
  const everySweep = { ...plan, thin: 1, draws: plan.draws * plan.thin, saveWarmup: true };
  const since = states.map(noCounts);
  const kernel = new ReferenceKernel(rule);
  for (const event of sampleSerially({ kernel, rule, plan: everySweep, shards: [rows] })) {
    const { sweep, w, logLikQ } = event;
    const begins =
      sweep === warmupSweeps(plan) ||
      drawOfSweep(plan, sweep - 1) >= 0 ||
      warmupDrawOfSweep(plan, sweep - 1) >= 0;
    since[event.chain] = sumOfCounts(begins ? noCounts() : since[event.chain]!, event.counts);
    states[event.chain]![sweep] = { w, logLikQ, counts: since[event.chain]! };
  }
  return states;
}

function ladderDraws(rule: ChainRule, plan: RunPlan, rows: Rows): (LadderDraw | undefined)[][] {
  const ladders: (LadderDraw | undefined)[][] = Array.from({ length: plan.chains }, () => []);
  if (!plan.tempering) return ladders;
  const kernel = new ReferenceKernel(rule);
  for (const { chain, sweep, ladder } of sampleSerially({ kernel, rule, plan, shards: [rows] })) {
    ladders[chain]![sweep] = ladder;
  }
  return ladders;
}

/** Rows cut into S shards, none empty; like rows together or not, so that some features are private and some are not. */
export function cutRows(rows: Rows, S: number, dice: Dice): Rows[] {
  const order = Array.from({ length: rows.count }, (_, n) => n);
  const stride = rows.bits.length / rows.count;
  const key = (n: number): string => rows.bits.slice(n * stride, (n + 1) * stride).join();
  if (dice.chance(0.6)) order.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const cuts = Array.from({ length: S + 1 }, (_, s) => Math.round((s * rows.count) / S));
  return Array.from({ length: S }, (_, s) => takeRows(rows, order.slice(cuts[s], cuts[s + 1])));
}

export function startStates({ rule, plan }: Scenario): StartState[] {
  return Array.from({ length: walkersOf(plan) }, (_, walker) => ({
    ...{ sweep: 0, w: randomStart(rule.model, rule.seed, walker) },
  }));
}

export const SHARD_BYTES = 100;
export const SLOT_BYTES = 1;

export function brainConfig(
  { rule, plan }: Scenario,
  shards: readonly Rows[],
  starts: readonly StartState[],
  ladders: readonly (TemperedStart | undefined)[],
  dice: Dice,
): BrainConfig {
  return {
    ...{ rule, plan, starts, ladders },
    shards: shards.map((shard) => ({
      ...{ rows: shard.count, lit: litFeatures(shard) },
      weight: shard.weights.reduce((sum, weight) => sum + weight, 0),
    })),
    spread: dice.chance(0.7) ? shards.length : dice.whole(1, shards.length),
    memory: { shardBytes: () => SHARD_BYTES, slotBytes: () => SLOT_BYTES },
    tables: new PlainSweepTables(rule),
    ...{ soloSweepsPerJob: dice.whole(1, 4), checkpointSweeps: dice.whole(1, 4) },
    walkingBytes: dice.whole(1, 3) * SLOT_BYTES,
  };
}

export function lastSweep({ plan }: Scenario): number {
  return totalSweeps(plan) - 1;
}
