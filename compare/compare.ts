/** One comparison: the same problems in a peer and in bitgibbs, and the figures of both. */
import { type Estimate, estimate } from '../src/diagnostics/scalar.js';
import { randomStart } from '../src/posterior/weights.js';
import {
  type Draws,
  drawsOf,
  lpOf,
  type Marginal,
  marginalsOf,
  type PeerSettings,
  type Sampled,
  standardScores,
  withoutStart,
} from './draws.js';
import { FLIPS_ALONE, sampleOwn } from './own.js';
import { knownProblem, type Problem } from './problem.js';

export type SamplePeer = (problem: Problem, settings: PeerSettings) => Promise<Sampled>;

const CHAINS = 4;
/** Chains that begin at draws of ours, far apart. */
const STARTED = 32;
const SEED = 1;
/** Share of each chain from a random start that is dropped. */
const DROPPED = 0.2;

export interface Speed {
  readonly millisecondsPerSweep: number;
  /** Of the chains' own draws. */
  readonly lp: Estimate;
  /** Mean lp of each chain. */
  readonly lpMeans: readonly number[];
  readonly draws: number;
  /** Effective sizes a second of lp, and of the median weight that moves; absent where draws are too few. */
  readonly lpPerSecond: number;
  readonly medianPerSecond: number;
}

export interface ToyResult {
  readonly peer: Speed;
  readonly own: Speed;
  /** The heat bath of single bits, walked long by our kernel: effective sizes of lp a sweep. */
  readonly heatBath: { readonly draws: number; readonly essPerSweep: number; readonly rhat: number };
  readonly marginals: readonly { readonly peer: Marginal; readonly own: Marginal; readonly z: number }[];
  /** Largest absolute standard score, chains of the peer begun at draws of ours. */
  readonly worst: number;
  /** Weights beyond 4 standard errors in the peer's chains from random starts. */
  readonly beyondFromRandom: number;
  readonly versions: readonly string[];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function speedOf(
  { draws: all, secondsPerSweep }: Sampled,
  problem: Problem,
  marginals: readonly Marginal[],
): Speed {
  const draws = withoutStart(all, DROPPED);
  const lps = lpOf(draws, problem);
  const lp = estimate(lps);
  const seconds = lps.length * drawsOf(draws) * secondsPerSweep;
  const moving = marginals.filter(({ flips }, i) => flips > 0 && isLitWeight(problem, i));
  return {
    millisecondsPerSweep: 1000 * secondsPerSweep,
    lp,
    lpMeans: lps.map((own) => own.reduce((a, b) => a + b) / own.length),
    draws: drawsOf(draws),
    lpPerSecond: lp.essBulk / seconds,
    medianPerSecond: median(moving.map(({ essBulk }) => essBulk)) / seconds,
  };
}

function isLitWeight({ model }: Problem, i: number): boolean {
  return model.lit[Math.floor(i / model.classes)] === 1;
}

/** States of ours far apart from each other, by turns from each chain. */
function startsFrom({ chains, weights }: Draws, count: number): Uint8Array[] {
  const each = Math.ceil(count / chains.length);
  const apart = Math.floor(chains[0]!.length / weights / each);
  return Array.from({ length: count }, (_, i) => {
    const at = (Math.floor(i / chains.length) + 1) * apart - 1;
    return chains[i % chains.length]!.slice(at * weights, (at + 1) * weights);
  });
}

function randomStarts({ model }: Problem, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, chain) => randomStart(model, SEED, chain));
}

/** ESS of lp a sweep of single-bit heat bath, from chains that a peer could not run as long, warmed up. */
function heatBathOf(problem: Problem, draws: number, warmup: number): ToyResult['heatBath'] {
  const { lp } = sampleOwn(problem, { chains: CHAINS, draws, warmup, seed: SEED, moves: FLIPS_ALONE });
  const { essBulk, rhat } = estimate(lp);
  return { draws, essPerSweep: essBulk / (CHAINS * draws), rhat };
}

export interface ToySizes {
  readonly random: number;
  readonly started: number;
  readonly own: number;
  readonly heatBath: number;
}

/** The toy's first 500 rows: marginals and speed. */
export async function compareToy(samplePeer: SamplePeer, sizes: ToySizes): Promise<ToyResult> {
  const problem = await knownProblem('mnist56', 500);
  const own = sampleOwn(problem, { chains: CHAINS, draws: sizes.own, warmup: 200, seed: SEED });
  const ours = marginalsOf(own.draws, problem);
  const random = await samplePeer(problem, {
    starts: randomStarts(problem, CHAINS),
    draws: sizes.random,
    seed: SEED,
  });
  const fromRandom = marginalsOf(withoutStart(random.draws, DROPPED), problem);
  const starts = startsFrom(own.draws, STARTED);
  const started = await samplePeer(problem, { starts, draws: sizes.started, seed: SEED + 1 });
  const theirs = marginalsOf(started.draws, problem);
  const scores = standardScores(theirs, ours, STARTED);
  return {
    peer: speedOf(random, problem, fromRandom),
    own: speedOf(own, problem, ours),
    heatBath: heatBathOf(problem, sizes.heatBath, 200),
    marginals: theirs.map((peer, i) => ({ peer, own: ours[i]!, z: scores[i]! })),
    worst: Math.max(...scores.map(Math.abs)),
    beyondFromRandom: standardScores(fromRandom, ours, CHAINS).filter((z) => Math.abs(z) > 4).length,
    versions: [random.version, own.version],
  };
}

export interface MnistResult {
  /** Of the peer: whole sweeps, too few for effective sizes of its own. */
  readonly peerMillisecondsPerSweep: number;
  readonly own: Speed;
  readonly heatBath: ToyResult['heatBath'];
}

/** MNIST's first 1,000 images in ten classes: speed. */
export async function compareMnist(samplePeer: SamplePeer, peerSweeps: number): Promise<MnistResult> {
  const problem = await knownProblem('mnist', 1000);
  const own = sampleOwn(problem, { chains: CHAINS, draws: 500, warmup: 60, seed: SEED });
  const starts = startsFrom(own.draws, 1);
  const peer = await samplePeer(problem, { starts, draws: peerSweeps, seed: SEED });
  return {
    peerMillisecondsPerSweep: 1000 * peer.secondsPerSweep,
    own: speedOf(own, problem, marginalsOf(own.draws, problem)),
    heatBath: heatBathOf(problem, 500, 60),
  };
}
