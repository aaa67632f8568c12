/** The log of a slot's last window, its undoing, and the counts of what is decided here. */
import {
  LOG_BYTES,
  LOG_DELTA,
  LOG_FLAGS,
  LOG_OWN,
  LOG_POSITION,
  LOG_SITE,
  LOG_TAKEN,
  SLOT_COUNTS,
  SLOT_LOG,
  SLOT_LOG_LENGTH,
  SLOT_OWN_SUM,
  SLOT_WINDOW_FROM,
  SLOT_WINDOW_SWEEP,
  SLOT_WINDOW_TO,
} from '../layout';
import { bindBlock } from './block';
import { slot } from './context';
import { firstRowSite, firstSwapSite, toggle } from './moves';
import { planOf } from './plan';

const FLIPS: usize = 0;
const ROWS: usize = 16;
const SWAPS: usize = 32;

/** Begins an empty window. */
export function startLog(sweep: i32, from: i32, to: i32): void {
  store<i32>(slot, 0, SLOT_LOG_LENGTH);
  store<i32>(slot, sweep, SLOT_WINDOW_SWEEP);
  store<i32>(slot, from, SLOT_WINDOW_FROM);
  store<i32>(slot, to, SLOT_WINDOW_TO);
}

export function log(position: i32, site: i32, flags: i32, deltaQ: i32): void {
  const length = load<i32>(slot, SLOT_LOG_LENGTH);
  const entry = <usize>load<u32>(slot, SLOT_LOG) + <usize>length * LOG_BYTES;
  store<i32>(entry, position, LOG_POSITION);
  store<i32>(entry, site, LOG_SITE);
  store<i32>(entry, flags, LOG_FLAGS);
  store<i32>(entry, deltaQ, LOG_DELTA);
  store<i32>(slot, length + 1, SLOT_LOG_LENGTH);
}

@inline
function kindOf(site: i32): usize {
  return site < firstRowSite() ? FLIPS : site < firstSwapSite() ? ROWS : SWAPS;
}

/** Counts a proposal that was decided here; sign -1 takes it back. */
@inline
export function countOwn(site: i32, taken: bool, deltaQ: i32, sign: f64): void {
  const at = slot + SLOT_COUNTS + kindOf(site);
  store<f64>(at, load<f64>(at) + sign);
  if (!taken) return;
  store<f64>(at, load<f64>(at, 8) + sign, 8);
  store<f64>(slot, load<f64>(slot, SLOT_OWN_SUM) + sign * <f64>deltaQ, SLOT_OWN_SUM);
}

/**
 * Undoes the last window after position `at` and decides the site there the other way.
 * @returns false when `at` is not in the last window
 */
export function settle(at: i32): bool {
  if (at < load<i32>(slot, SLOT_WINDOW_FROM) || at >= load<i32>(slot, SLOT_WINDOW_TO)) return false;
  const entries: usize = load<u32>(slot, SLOT_LOG);
  const sweep = load<i32>(slot, SLOT_WINDOW_SWEEP);
  bindBlock(sweep, at);
  let logged = false;
  for (let i = load<i32>(slot, SLOT_LOG_LENGTH) - 1; i >= 0; i--) {
    const entry = entries + <usize>i * LOG_BYTES;
    const there = load<i32>(entry, LOG_POSITION);
    if (there < at) break;
    const site = load<i32>(entry, LOG_SITE);
    const flags = load<i32>(entry, LOG_FLAGS);
    const taken = (flags & LOG_TAKEN) != 0;
    if (flags & LOG_OWN) countOwn(site, taken, load<i32>(entry, LOG_DELTA), -1);
    if (taken) toggle(site, there);
    logged = there == at;
  }
  // A logged site was taken, or is closed and stays refused; any other was refused.
  if (!logged) toggle(load<i32>(planOf(sweep) + (<usize>at << 2)), at);
  return true;
}
