/** Draws of any sampler, and what is said of them: the same code for all. */
import { RunDiagnostics } from '../src/diagnostics/run-diagnostics.js';
import { isLit } from '../src/posterior/rows.js';
import { packWeights } from '../src/posterior/weights.js';
import type { Problem } from './problem.js';

export interface Draws {
  /** One a chain: draw after draw, one byte a weight, index j K + k. */
  readonly chains: readonly Uint8Array[];
  /** D K */
  readonly weights: number;
}

/** How a peer is run. */
export interface PeerSettings {
  /** Where each chain begins, one byte a weight. */
  readonly starts: readonly Uint8Array[];
  readonly draws: number;
  readonly seed: number;
}

/** What a sampler gave, and what a sweep (an update of every weight) cost it. */
export interface Sampled {
  readonly draws: Draws;
  /** CPU seconds, set-up and compilation left out. */
  readonly secondsPerSweep: number;
  readonly version: string;
}

export function drawsOf({ chains, weights }: Draws): number {
  return chains[0]!.length / weights;
}

/** The draws from the given share of each chain on. */
export function withoutStart({ chains, weights }: Draws, share: number): Draws {
  const first = Math.floor((share * chains[0]!.length) / weights) * weights;
  return { chains: chains.map((chain) => chain.subarray(first)), weights };
}

/** Log-likelihood plus log prior of each draw by chain, nat, in double precision straight from the formulas. */
export function lpOf({ chains, weights }: Draws, { rows, model, pi }: Problem): Float64Array[] {
  const { features, classes } = model;
  const lit = Array.from({ length: rows.count }, (_, n) =>
    Uint32Array.from(Array.from({ length: features }, (_, j) => j).filter((j) => isLit(rows, n, j))),
  );
  const z = new Float64Array(classes);
  const rowLogLik = (n: number, w: Uint8Array): number => {
    z.fill(0);
    for (const j of lit[n]!) for (let k = 0; k < classes; k++) z[k]! += w[j * classes + k]!;
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(z[k]! - z[0]!);
    return rows.weights[n]! * (z[rows.labels[n]!]! - z[0]! - Math.log(sum));
  };
  const lp = (w: Uint8Array): number => {
    let sum = 0;
    for (let n = 0; n < rows.count; n++) sum += rowLogLik(n, w);
    for (const bit of w) sum += Math.log(bit ? pi : 1 - pi);
    return sum;
  };
  return chains.map((chain) =>
    Float64Array.from({ length: chain.length / weights }, (_, i) =>
      lp(chain.subarray(i * weights, (i + 1) * weights)),
    ),
  );
}

/** A weight's marginal P(w = 1 | data) as one sampler has it. */
export interface Marginal {
  readonly mean: number;
  /** Monte Carlo standard error. */
  readonly error: number;
  readonly essBulk: number;
  /** Changes from a draw to the next, over all chains. */
  readonly flips: number;
}

/** A weight that changed less often, over all chains, is taken for stuck where its chain began. */
const STUCK_BELOW = 100;

/** Error of a mean over chains from the spread of their own means; independent starts make it honest. */
function errorBetween(means: readonly number[]): number {
  const mean = means.reduce((a, b) => a + b) / means.length;
  const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (means.length - 1) / means.length);
}

/** One a weight. The error is the larger of that from the effective size and that from the spread of the chains. */
export function marginalsOf(all: Draws, { model }: Problem): Marginal[] {
  const { chains, weights } = all;
  const diagnostics = new RunDiagnostics(model, chains.length);
  for (let draw = 0; draw < drawsOf(all); draw++) {
    chains.forEach((own, chain) => {
      const packed = packWeights(own.subarray(draw * weights, (draw + 1) * weights));
      diagnostics.add({ chain, draw, packed, lp: 0 });
    });
  }
  return [...diagnostics.weights()].map(({ mean, mcseMean, essBulk, flips, ones, draws }) => {
    const between = errorBetween(ones.map((count) => count / draws));
    return { mean, error: Math.max(mcseMean || 0, between), essBulk, flips };
  });
}

/**
 * Standard scores of the differences between a peer's marginals and ours, one a weight.
 * @param chains of the peer: where it is stuck, each counts as one draw of a bit as probable as ours
 */
export function standardScores(
  peer: readonly Marginal[],
  own: readonly Marginal[],
  chains: number,
): number[] {
  return peer.map(({ mean, error, flips }, i) => {
    const ours = own[i]!;
    if (mean === ours.mean) return 0;
    const stuck = flips < STUCK_BELOW ? Math.sqrt((ours.mean * (1 - ours.mean)) / chains) : 0;
    return (mean - ours.mean) / Math.hypot(Math.max(error, stuck), ours.error);
  });
}
