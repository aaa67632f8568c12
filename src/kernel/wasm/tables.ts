/** Tables that every model shares, at fixed places of the memory. */
import { E, LN, NAT_Q } from '../../posterior/grid.js';
import { ALWAYS_Q, logit53, NEVER_Q } from '../../posterior/threshold.js';
import type { Arena } from './arena.js';
import { loweredSteps, raisedSteps } from './cells.js';
import * as layout from './layout.js';

/** E[d], E[d+1], E[d-1] (0 at d = 0), and 1 at d = 0. */
function ofDistance(d: number): number[] {
  return [E[d]!, E[d + 1]!, d === 0 ? 0 : E[d - 1]!, d === 0 ? 1 : 0];
}

/** For each two distances, the sums of both. */
function distanceTable(): Int32Array {
  const entries = layout.E_ENTRIES;
  return Int32Array.from({ length: 4 * entries * entries }, (_, i) => {
    const pair = i >> 2;
    return ofDistance(pair % entries)[i & 3]! + ofDistance(Math.floor(pair / entries))[i & 3]!;
  });
}

/** 4096 logit(i / 1024), rounded down, for i = 0 .. 1024. */
function needTable(): Int32Array {
  const needs = 2 ** layout.NEEDS_LOG2;
  return Int32Array.from({ length: needs + 1 }, (_, i) => {
    if (i === 0) return ALWAYS_Q;
    return i === needs ? NEVER_Q : Math.floor(NAT_Q * logit53(i * 2 ** (53 - layout.NEEDS_LOG2)));
  });
}

/** Writes the tables that every model shares to their fixed places. */
export function writeTables(arena: Arena): void {
  arena.write(layout.E_AT, distanceTable());
  arena.write(layout.RAISED_AT, raisedSteps());
  arena.write(layout.LOWERED_AT, loweredSteps());
  arena.write(layout.LN_AT, LN);
  arena.write(layout.NEEDS_AT, needTable());
}
