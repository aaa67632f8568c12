/** Whether a kernel's chains have the distribution that enumeration in double precision gives. */
import type { ChainRule, FlipKernel } from '../../src/kernel/kernel.js';
import { BETA_ONE_Q } from '../../src/posterior/threshold.js';
import type { RunPlan, Tempering } from '../../src/sampler/run-plan.js';
import { sampleSerially } from '../../src/sampler/serial.js';

import { exactPosterior, freeWeights, stateNumber } from './enumeration.js';
import { ruleOf, tinyModel, type TinySpec } from './tiny-models.js';

/** Stretches whose means are compared: their spread gives the Monte Carlo error. */
const BATCHES = 50;
const CHAINS = 4;
const WARMUP = 50;

/** Pairs of bits that are less often 1 together (or not) are left out: their batch means are not normal. */
const RAREST = 0.01;

/**
 * Largest distance from truth, in Monte Carlo errors, that right chains are allowed. There are up to 137 quantities; at 49
 * degrees of freedom the largest of as many passes 5 once in a thousand seeds.
 */
export const BOUND = 5;

/** A function of the state: its name, truth, and value at a state. */
interface Quantity {
  readonly name: string;
  readonly truth: number;
  readonly at: (state: number) => number;
}

const known = new WeakMap<TinySpec, readonly Quantity[]>();

/** Each bit, each two bits together, and the log-likelihood. */
function quantities(spec: TinySpec): readonly Quantity[] {
  const found = known.get(spec) ?? enumeratedQuantities(spec);
  known.set(spec, found);
  return found;
}

function enumeratedQuantities(spec: TinySpec): Quantity[] {
  const { model, rows } = tinyModel(spec);
  const { probabilities, logLik } = exactPosterior(model, rows, (i) => piOf(spec, i));
  const quantity = (name: string, at: Quantity['at']): Quantity => ({
    ...{ name, at },
    truth: probabilities.reduce((sum, probability, state) => sum + probability * at(state), 0),
  });
  const free = freeWeights(model);
  const bits = free.flatMap((i, a) =>
    free
      .slice(a)
      .map((i2, step) =>
        quantity(`bits ${i} and ${i2}`, (state) => (state >> a) & (state >> (a + step)) & 1),
      ),
  );
  return [
    quantity('log-likelihood', (state) => logLik[state]!),
    ...bits.filter(({ truth }) => truth > RAREST && truth < 1 - RAREST),
  ];
}

function piOf({ pi = 0.5, classes }: TinySpec, i: number): number {
  if (typeof pi === 'number') return pi;
  return pi[pi.length === classes ? i % classes : i]!;
}

/** How often each state was visited in each stretch of the chains. */
function countStates(states: readonly number[]): Map<number, number>[] {
  const size = states.length / BATCHES;
  return Array.from({ length: BATCHES }, (_, batch) => {
    const counts = new Map<number, number>();
    for (const state of states.slice(batch * size, (batch + 1) * size)) {
      counts.set(state, (counts.get(state) ?? 0) + 1 / size);
    }
    return counts;
  });
}

/** Mean and its error, by batch means. */
function batchMeans(batches: readonly ReadonlyMap<number, number>[], at: Quantity['at']) {
  const means = batches.map((counts) => {
    let sum = 0;
    for (const [state, share] of counts) sum += share * at(state);
    return sum;
  });
  const mean = means.reduce((sum, value) => sum + value / BATCHES, 0);
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2 / (BATCHES - 1), 0);
  return { mean, error: Math.sqrt(variance / BATCHES) };
}

export interface Gap {
  /** Largest distance of a sample mean from its truth, in Monte Carlo errors. */
  readonly worst: number;
  /** The quantity it was found at, with both means. */
  readonly where: string;
}

/**
 * How far a kernel's chains are from the exact posterior.
 * @param makeKernel a kernel for the rule of the spec's model
 * @param draws draws in all, a multiple of 4 chains x 50 batches
 * @param tempering with replicas, where given
 */
export function distributionGap(
  spec: TinySpec,
  makeKernel: (rule: ChainRule) => FlipKernel,
  draws: number,
  tempering?: Tempering,
): Gap {
  const { model, rows } = tinyModel(spec);
  const rule = ruleOf(model, spec.seed);
  const warmupBetasQ = new Int32Array(WARMUP).fill(BETA_ONE_Q);
  const plan: RunPlan = { chains: CHAINS, draws: draws / CHAINS, thin: 1, warmupBetasQ, tempering };
  const kernel = makeKernel(rule);
  const free = freeWeights(model);
  const byChain: number[][] = Array.from({ length: CHAINS }, () => []);
  for (const event of sampleSerially({ kernel, rule, plan, shards: [rows] })) {
    if (event.kind === 'draw') byChain[event.chain]!.push(stateNumber(free, event.w));
  }
  kernel.dispose();
  const batches = countStates(byChain.flat());
  const gaps = quantities(spec).map(({ name, truth, at }) => {
    const { mean, error } = batchMeans(batches, at);
    // Where every draw is alike the error is 0: any distance is then a fault.
    return {
      where: `${name}: ${mean} against ${truth}`,
      worst: mean === truth ? 0 : Math.abs(mean - truth) / error,
    };
  });
  return gaps.reduce((a, b) => (b.worst > a.worst ? b : a));
}
