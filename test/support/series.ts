/** Series of draws of many shapes, made from a seed: what diagnostics are tried on. */
import { normalQuantile } from '../../src/diagnostics/normal.js';
import { packWeights } from '../../src/posterior/weights.js';
import { uniforms } from './tiny-models.js';

export interface SeriesCase {
  readonly name: string;
  readonly chains: readonly Float64Array[];
  /** Whether every value is 0 or 1. */
  readonly bits: boolean;
}

type Maker = (chain: number, draw: number, before: number) => number;

function make(name: string, shape: readonly [number, number], next: Maker, bits = false): SeriesCase {
  const chains = Array.from({ length: shape[0] }, (_, chain) => {
    const values = new Float64Array(shape[1]);
    for (let draw = 0; draw < values.length; draw++)
      values[draw] = next(chain, draw, values[draw - 1] ?? NaN);
    return values;
  });
  return { name, chains, bits };
}

export function normals(seed: number): () => number {
  const next = uniforms(seed);
  return () => normalQuantile(next() || 0.5);
}

/** A first-order autoregression of variance 1. */
function autoregression(seed: number, rho: number): Maker {
  const normal = normals(seed);
  return (_, draw, before) => (draw === 0 ? normal() : rho * before + Math.sqrt(1 - rho * rho) * normal());
}

/** A chain of bits that changes with the given chance. */
export function flipping(seed: number, chance: number): Maker {
  const next = uniforms(seed);
  return (_, draw, before) => {
    if (draw === 0) return next() < 0.5 ? 1 : 0;
    return next() < chance ? 1 - before : before;
  };
}

function rising(walk: Maker): SeriesCase {
  const { chains, ...rest } = make('lp still rising', [8, 250], walk);
  return {
    ...rest,
    chains: chains.map((chain) => chain.map((value, draw) => -18600 + draw / 20 + 5 * value)),
  };
}

function numberCases(): SeriesCase[] {
  const normal = normals(1);
  const next = uniforms(2);
  return [
    make('independent', [4, 1000], () => normal()),
    make('sticky', [4, 500], autoregression(4, 0.97)),
    make('antithetic', [4, 500], autoregression(5, -0.7)),
    make('chains apart', [4, 300], (chain) => normal() + (chain === 3 ? 2 : 0)),
    make('chains of different width', [4, 300], (chain) => normal() * (1 + chain)),
    make('heavy tails', [4, 400], () => Math.tan(Math.PI * (next() - 0.5))),
    rising(autoregression(3, 0.98)),
    make('constant lp', [4, 100], () => -18520.123),
    make('chains constant and apart', [4, 100], (chain) => -18520.123 - chain),
    make('ties', [4, 250], () => Math.floor(4 * next())),
    make('one chain', [1, 400], autoregression(6, 0.8)),
    make('64 chains', [64, 60], autoregression(7, 0.5)),
    make('odd length', [4, 501], autoregression(8, 0.9)),
    make('4 draws', [4, 4], () => normal()),
    make('5 draws', [3, 5], () => normal()),
    make('9 draws', [2, 9], autoregression(9, 0.5)),
    make('3 draws', [4, 3], () => normal()),
  ];
}

function bitCases(): SeriesCase[] {
  const next = uniforms(11);
  const bits = (name: string, shape: readonly [number, number], maker: Maker): SeriesCase =>
    make(name, shape, maker, true);
  const slow = flipping(12, 0.02);
  return [
    bits('independent bits', [4, 400], () => (next() < 0.3 ? 1 : 0)),
    bits('sticky bits', [8, 600], flipping(13, 0.01)),
    bits('bits that change at times', [4, 333], flipping(14, 0.1)),
    bits('antithetic bits', [4, 300], flipping(15, 0.9)),
    bits('alternating bits', [2, 64], (_, draw) => draw & 1),
    bits('frozen at 0', [4, 100], () => 0),
    bits('frozen at 1', [4, 101], () => 1),
    bits('frozen and disagreed', [4, 100], (chain) => chain & 1),
    bits('one chain frozen', [4, 200], (chain, draw, before) =>
      chain === 0 ? 1 : slow(chain, draw, before),
    ),
    bits('one flip', [4, 100], (chain, draw) => (chain === 2 && draw >= 70 ? 1 : 0)),
    bits('a flip in the middle draw', [2, 33], (chain, draw) => (chain === 0 && draw === 16 ? 1 : 0)),
    bits('rarely 0', [4, 500], () => (next() < 0.02 ? 0 : 1)),
    bits('rarely 1', [4, 500], () => (next() < 0.02 ? 1 : 0)),
    bits('half of them 1', [4, 100], (chain, draw) => ((draw * 37 + chain * 11) % 100 < 50 ? 1 : 0)),
    bits('bits of one chain', [1, 250], flipping(16, 0.2)),
    bits('bits of 64 chains', [64, 77], flipping(17, 0.1)),
    bits('4 draws of bits', [4, 4], () => (next() < 0.5 ? 1 : 0)),
    bits('7 draws of bits', [3, 7], () => (next() < 0.5 ? 1 : 0)),
    bits('32 draws of bits', [2, 32], flipping(18, 0.3)),
    bits('65 draws of bits', [2, 65], flipping(19, 0.3)),
  ];
}

export const SERIES: readonly SeriesCase[] = [...numberCases(), ...bitCases()];

/** One bit a draw in words, the first in bit 0. */
export function inWords(bits: Float64Array): Uint32Array {
  const words = new Uint32Array(((bits.length + 31) >> 5) + 1);
  bits.forEach((bit, i) => (words[i >> 5]! |= bit << (i & 31)));
  return words;
}

/** A draw's packed weights, of which each is one case's bit at that draw. */
export function packedDraw(columns: readonly SeriesCase[], chain: number, draw: number): Uint8Array {
  return packWeights(Uint8Array.from(columns, ({ chains }) => chains[chain]![draw]!));
}
