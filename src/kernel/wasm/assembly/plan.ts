/** The order of a sweep's sites, the same as `planSweep` of src/sampler/sites.ts. */
import {
  MODEL_LIT,
  MODEL_ROW_MOVES,
  MODEL_SITES,
  THREAD_BLOCK_STARTS,
  THREAD_ORDER,
  THREAD_OUTPUT,
  THREAD_PLAN_SITES,
  THREAD_PLAN_SWEEPS,
} from '../layout';
import { bindModel, bindThread, classes, features, firstClass, model, pairs, thread } from './context';
import { acceptBits, needQ, shuffle, startSequence } from './stream';

const BLOCK_FEATURES: i32 = 64;

/** Appends the sites of all free classes from `base` on, in random order. */
@inline
function pushClasses(at: usize, base: i32): usize {
  const free = classes - firstClass;
  for (let i = 0; i < free; i++) store<i32>(at + (<usize>i << 2), base + firstClass + i);
  shuffle(at, free);
  return at + (<usize>free << 2);
}

@inline
function pushRange(at: usize, start: i32, count: i32): void {
  for (let i = 0; i < count; i++) store<i32>(at + (<usize>i << 2), start + i);
  shuffle(at, count);
}

/** Writes the sites of a sweep from `sites` on and the block starts from `starts` on. */
function writePlan(sites: usize, starts: usize, order: usize, sweep: i32): void {
  const lit = load<u32>(model, MODEL_LIT);
  const withRows = load<i32>(model, MODEL_ROW_MOVES);
  const blocks = (features + BLOCK_FEATURES - 1) / BLOCK_FEATURES;
  const blockOrder = order + (<usize>BLOCK_FEATURES << 2);
  const rowSites = features * classes;
  const swapSites = rowSites + features;
  let at = sites;
  startSequence(sweep);
  pushRange(blockOrder, 0, blocks);
  for (let b = 0; b < blocks; b++) {
    store<i32>(starts + (<usize>b << 2), <i32>((at - sites) >> 2));
    const start = load<i32>(blockOrder + (<usize>b << 2)) * BLOCK_FEATURES;
    const size = min(BLOCK_FEATURES, features - start);
    pushRange(order, start, size);
    for (let i = 0; i < size; i++) {
      const j = load<i32>(order + (<usize>i << 2));
      at = pushClasses(at, j * classes);
      if (withRows && load<u8>(lit + j)) {
        store<i32>(at, rowSites + j);
        at += 4;
      }
    }
  }
  store<i32>(starts + (<usize>blocks << 2), <i32>((at - sites) >> 2));
  pushRange(order, 0, pairs);
  for (let i = 0; i < pairs; i++) at = pushClasses(at, swapSites + load<i32>(order + (<usize>i << 2)) * classes);
}

/** The sites of a sweep; a thread keeps its last even and its last odd one. */
export function planOf(sweep: i32): usize {
  const which = <usize>(sweep & 1) << 2;
  const sites: usize = load<u32>(thread + which, THREAD_PLAN_SITES);
  if (load<i32>(thread + which, THREAD_PLAN_SWEEPS) != sweep) {
    writePlan(sites, load<u32>(thread + which, THREAD_BLOCK_STARTS), load<u32>(thread, THREAD_ORDER), sweep);
    store<i32>(thread + which, sweep, THREAD_PLAN_SWEEPS);
  }
  return sites;
}

/** Where the blocks of a sweep begin in its plan, and where the last one ends, i32[blocks + 1]. */
export function blockStartsOf(sweep: i32): usize {
  planOf(sweep);
  return load<u32>(thread + (<usize>(sweep & 1) << 2), THREAD_BLOCK_STARTS);
}

/** Makes a sweep's plan in the thread's scratch. */
export function makePlan(modelAt: usize, threadAt: usize, sweep: i32): void {
  bindModel(modelAt);
  bindThread(threadAt);
  planOf(sweep);
}

/** Makes a sweep's plan in the thread's scratch, and `4096 logit(u)` of each of its sites, f64[], in its output. */
export function sweepNeeds(modelAt: usize, threadAt: usize, chain: i32, sweep: i32): void {
  bindModel(modelAt);
  bindThread(threadAt);
  const sites = planOf(sweep);
  const count = <usize>load<i32>(model, MODEL_SITES);
  const out: usize = load<u32>(thread, THREAD_OUTPUT);
  for (let i: usize = 0; i < count; i++) {
    store<f64>(out + (i << 3), needQ(acceptBits(load<i32>(sites + (i << 2)), sweep, chain)));
  }
}
