/** The random stream and Barker's thresholds, the same to the bit as src/posterior/stream.ts and threshold.ts. */

import { NEEDS_AT, NEEDS_LOG2 } from '../layout';

const M0: u64 = 0xd2511f53;
const M1: u64 = 0xcd9e8d57;
const W0: u32 = 0x9e3779b9;
const W1: u32 = 0xbb67ae85;

export const DOMAIN_ORDER: u32 = 0;
export const DOMAIN_ACCEPT: u32 = 1;

export const ALWAYS_Q: i32 = i32.MIN_VALUE;
export const NEVER_Q: i32 = i32.MAX_VALUE;

const LN2: f64 = 0.6931471805599453;
const SQRT2: f64 = 1.4142135623730951;
const TWO_53: f64 = 9007199254740992;
const NAT_Q: f64 = 4096;
export const BETA_ONE_Q: f64 = 65536;

let seedLow: u32 = 0;
let seedHigh: u32 = 0;
let word0: u32 = 0;
let word1: u32 = 0;
let word2: u32 = 0;
let word3: u32 = 0;

export function setSeed(low: u32, high: u32): void {
  seedLow = low;
  seedHigh = high;
}

/** Philox4x32-10 of one counter, into the four words. */
function philox(index: u32, sweep: u32, chain: u32, domain: u32): void {
  let key0 = seedLow;
  let key1 = seedHigh;
  let c0 = index;
  let c1 = sweep;
  let c2 = chain;
  let c3 = domain;
  for (let round = 0; round < 10; round++) {
    const product0 = M0 * <u64>c0;
    const product1 = M1 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ key0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ key1;
    c3 = <u32>product0;
    key0 += W0;
    key1 += W1;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** The uniform integer of 53 bits that decides a site. */
export function acceptBits(site: u32, sweep: u32, chain: u32): u64 {
  philox(site, sweep, chain, DOMAIN_ACCEPT);
  return ((<u64>(word0 >>> 5)) << 26) + <u64>(word1 >>> 6);
}

function lnMantissa(m: f64): f64 {
  const s = (m - 1) / (m + 1);
  const q = s * s;
  let sum: f64 = 1.0 / 23.0;
  sum = sum * q + 1.0 / 21.0;
  sum = sum * q + 1.0 / 19.0;
  sum = sum * q + 1.0 / 17.0;
  sum = sum * q + 1.0 / 15.0;
  sum = sum * q + 1.0 / 13.0;
  sum = sum * q + 1.0 / 11.0;
  sum = sum * q + 1.0 / 9.0;
  sum = sum * q + 1.0 / 7.0;
  sum = sum * q + 1.0 / 5.0;
  sum = sum * q + 1.0 / 3.0;
  sum = sum * q + 1.0;
  return 2 * s * sum;
}

@inline
function exponentOf(pattern: u64): i32 {
  return <i32>(pattern >> 52) - 1023;
}

@inline
function mantissaOf(pattern: u64): f64 {
  return reinterpret<f64>((pattern & 0x000fffffffffffff) | 0x3ff0000000000000);
}

/** logit(u) in nat for u = bits / 2^53. */
export function logit53(bits: u64): f64 {
  const x: f64 = bits == 0 ? 0.5 : <f64>bits;
  let pattern = reinterpret<u64>(x);
  let exponent = exponentOf(pattern);
  let m = mantissaOf(pattern);
  if (m > SQRT2) {
    m *= 0.5;
    exponent += 1;
  }
  const first = lnMantissa(m);
  pattern = reinterpret<u64>(TWO_53 - <f64>bits);
  exponent -= exponentOf(pattern);
  m = mantissaOf(pattern);
  if (m > SQRT2) {
    m *= 0.5;
    exponent -= 1;
  }
  return <f64>exponent * LN2 + (first - lnMantissa(m));
}

/** `4096 logit(u)`: what beta times delta plus the prior's change has to reach. */
export function needQ(bits: u64): f64 {
  return NAT_Q * logit53(bits);
}

/** Smallest deltaQ at which the move is taken, saturated to int32. */
export function thresholdQ(bits: u64, priorQ: i32, betaQ: i32): i32 {
  const need = needQ(bits) - <f64>priorQ;
  if (betaQ == 0) return need <= 0 ? ALWAYS_Q : NEVER_Q;
  const threshold = Math.ceil((need * BETA_ONE_Q) / <f64>betaQ);
  return threshold <= <f64>ALWAYS_Q ? ALWAYS_Q : threshold >= <f64>NEVER_Q ? NEVER_Q : <i32>threshold;
}

/**
 * Whether `deltaQ` reaches thresholdQ. Mostly a table of logits says so: its places lie a grid point or more off the
 * logit itself, for beta <= 1 that is a whole unit of the threshold or more, and no rounding matters.
 */
export function isTaken(bits: u64, priorQ: i32, betaQ: i32, deltaQ: i32): bool {
  const place = NEEDS_AT + (<usize>(bits >> (53 - NEEDS_LOG2)) << 2);
  const reached = <i64>deltaQ * <i64>betaQ + (<i64>priorQ << 16);
  if (reached < (<i64>load<i32>(place) - 1) << 16) return false;
  if (reached > (<i64>load<i32>(place, 4) + 2) << 16) return true;
  return deltaQ >= thresholdQ(bits, priorQ, betaQ);
}

let sequenceSweep: u32 = 0;
let sequenceNext: u32 = 0;

/** Begins the words that order the sites of a sweep. */
export function startSequence(sweep: u32): void {
  sequenceSweep = sweep;
  sequenceNext = 0;
}

function sequenceWord(): u32 {
  const lane = sequenceNext & 3;
  if (lane == 0) philox(sequenceNext >>> 2, sequenceSweep, 0, DOMAIN_ORDER);
  sequenceNext++;
  return lane == 0 ? word0 : lane == 1 ? word1 : lane == 2 ? word2 : word3;
}

/** Shuffles i32 items `from` .. `to - 1`: Fisher-Yates from the last place down. */
export function shuffle(items: usize, count: i32): void {
  for (let i = count - 1; i > 0; i--) {
    const j = <i32>((<u64>sequenceWord() * <u64>(i + 1)) >> 32);
    const here = items + (<usize>i << 2);
    const there = items + (<usize>j << 2);
    const kept = load<i32>(here);
    store<i32>(here, load<i32>(there));
    store<i32>(there, kept);
  }
}
