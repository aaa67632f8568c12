/**
 * Barker's rule as one integer threshold: a move is taken when `beta deltaQ + priorQ >= 4096 logit(u)`,
 * that is when `deltaQ >= thresholdQ`. The logarithm is our own fixed sequence of double operations,
 * so that it is the same number in JavaScript and in WebAssembly on every machine.
 */
import { NAT_Q } from './grid.js';

/** Inverse temperatures are integers in units of 1 / 65,536. */
export const BETA_ONE_Q = 65536;

/** A threshold that every delta reaches, and one that none does (deltas are at most 2^31 - 4096 in size). */
export const ALWAYS_Q = -(2 ** 31);
export const NEVER_Q = 2 ** 31 - 1;

const LN2 = 0.6931471805599453;
const SQRT2 = 1.4142135623730951;
const TWO_53 = 2 ** 53;

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/** ln of a mantissa in [sqrt(1/2), sqrt 2] by the series of atanh; error below 2e-16. */
function lnMantissa(m: number): number {
  const s = (m - 1) / (m + 1);
  const q = s * s;
  let sum = 1 / 23;
  sum = sum * q + 1 / 21;
  sum = sum * q + 1 / 19;
  sum = sum * q + 1 / 17;
  sum = sum * q + 1 / 15;
  sum = sum * q + 1 / 13;
  sum = sum * q + 1 / 11;
  sum = sum * q + 1 / 9;
  sum = sum * q + 1 / 7;
  sum = sum * q + 1 / 5;
  sum = sum * q + 1 / 3;
  sum = sum * q + 1;
  return 2 * s * sum;
}

/**
 * logit(u) in nat for u = bits / 2^53; bits = 0 counts as one half.
 * @param bits an integer in 0 .. 2^53 - 1
 */
export function logit53(bits: number): number {
  double[0] = bits === 0 ? 0.5 : bits;
  let exponent = (halves[1]! >>> 20) - 1023;
  halves[1] = (halves[1]! & 0xfffff) | 0x3ff00000;
  let m = double[0]!;
  if (m > SQRT2) {
    m *= 0.5;
    exponent += 1;
  }
  const first = lnMantissa(m);
  double[0] = TWO_53 - bits;
  exponent -= (halves[1]! >>> 20) - 1023;
  halves[1] = (halves[1]! & 0xfffff) | 0x3ff00000;
  m = double[0]!;
  if (m > SQRT2) {
    m *= 0.5;
    exponent -= 1;
  }
  return exponent * LN2 + (first - lnMantissa(m));
}

/**
 * Smallest deltaQ at which a move with uniform `bits / 2^53` is taken, saturated to int32.
 * @param bits uniform integer of 53 bits
 * @param priorQ change of the log prior by the move, on the grid
 * @param betaQ inverse temperature of the likelihood in 1 / 65,536; 0 samples the prior
 */
export function thresholdQ(bits: number, priorQ: number, betaQ: number): number {
  return thresholdFromNeedQ(NAT_Q * logit53(bits) - priorQ, betaQ);
}

/** The same from `needQ = 4096 logit(u) - priorQ`, for walkers that have the logarithms at hand. */
export function thresholdFromNeedQ(needQ: number, betaQ: number): number {
  if (betaQ === 0) return needQ <= 0 ? ALWAYS_Q : NEVER_Q;
  const threshold = Math.ceil((needQ * BETA_ONE_Q) / betaQ);
  // |0 within the range only turns -0 into 0.
  return threshold <= ALWAYS_Q ? ALWAYS_Q : threshold >= NEVER_Q ? NEVER_Q : threshold | 0;
}
