/**
 * How a row's entries follow from its sum S of E, without a logarithm for each: all sums with the same S >> 6 share a
 * cell of 16 entries, LN[(S + step) >> 6] - LN[S >> 6] for each step a class can take. Whether a step carries into
 * another place of LN than its own S >> 6 says depends on the 6 lowest bits of both, and makes the entry 1 larger or
 * not, for LN grows by at most 1 from place to place.
 */
import { E, LN } from '../../posterior/grid.js';
import {
  CELL_BORROW,
  CELL_BYTES,
  CELL_CARRY,
  E_ENTRIES,
  FIRST_CELL,
  LOWERED_ENTRIES,
  SMALL_STEP,
} from './layout.js';

const ENTRIES = CELL_BYTES / 2;

function isRaised(entry: number): boolean {
  return entry > 0 && entry < SMALL_STEP;
}

/** By how much a class at distance d raises the sum when it comes nearer by one. */
function rise(d: number): number {
  return E[d - 1]! - E[d]!;
}

/** By how much it lowers the sum when it goes further by one. */
function fall(d: number): number {
  return E[d]! - E[d + 1]!;
}

function lowBits(step: (d: number) => number): Uint8Array {
  return Uint8Array.from({ length: E_ENTRIES }, (_, d) => (d === 0 ? 0 : step(d) & 63));
}

/** u8[16]: see RAISED_AT. */
export function raisedSteps(): Uint8Array {
  return lowBits(rise);
}

/** u8[16]: see LOWERED_AT. */
export function loweredSteps(): Uint8Array {
  return lowBits(fall);
}

/** Places of LN that each entry's step moves by, up or down. */
function places(entry: number): number {
  if (entry === SMALL_STEP) return 0;
  if (isRaised(entry)) return rise(entry) >> 6;
  return -(fall((LOWERED_ENTRIES - entry) % ENTRIES) >> 6);
}

/** LN, going on flat where no sum leads. */
function lnAt(place: number, last: number): number {
  return LN[Math.min(Math.max(place, FIRST_CELL), last)]!;
}

function makeCells(classes: number): Uint8Array {
  const last = FIRST_CELL * classes;
  const cells = new Uint8Array((last - FIRST_CELL + 1) * CELL_BYTES);
  for (let place = FIRST_CELL, at = 0; place <= last; place++, at += CELL_BYTES) {
    for (let entry = 0; entry < ENTRIES; entry++) {
      const target = place + places(entry);
      const ln = lnAt(target, last);
      const size = Math.abs(ln - LN[place]!);
      const carry = (isRaised(entry) || entry === SMALL_STEP) && lnAt(target + 1, last) > ln ? CELL_CARRY : 0;
      const borrow = !isRaised(entry) && lnAt(target - 1, last) < ln ? CELL_BORROW : 0;
      cells[at + entry] = size & 255;
      cells[at + ENTRIES + entry] = (size >> 8) | carry | borrow;
    }
  }
  return cells;
}

const made = new Map<number, Uint8Array>();

/** The cells of all sums of a number of classes, u8[places][2][16]; made once a process. */
export function cellsOf(classes: number): Uint8Array {
  let cells = made.get(classes);
  if (cells === undefined) made.set(classes, (cells = makeCells(classes)));
  return cells;
}
