/** What a call works on: the model, a thread's scratch, a slot. Globals belong to the instance, so to one thread. */
import {
  CELL_BYTES,
  FIRST_CELL,
  MODEL_CELLS,
  MODEL_CLASSES,
  MODEL_FEATURES,
  MODEL_FIRST_CLASS,
  MODEL_PAIRS,
  MODEL_PAIR_FIRST,
  MODEL_PAIR_SECOND,
  MODEL_PRIOR,
  MODEL_SEED_HIGH,
  MODEL_SEED_LOW,
  MODEL_STRIDE,
  SLOT_OWNERS,
  SLOT_SEGMENTS,
  SLOT_SELF,
  SLOT_WEIGHTS,
  BATCH_ROWS,
  THREAD_BATCH,
  THREAD_SUMS,
  THREAD_TO_COME,
} from '../layout';
import { setSeed } from './stream';

export let model: usize = 0;
export let features: i32 = 0;
export let classes: i32 = 0;
export let firstClass: i32 = 0;
export let pairs: i32 = 0;
export let pairFirst: usize = 0;
export let pairSecond: usize = 0;
export let prior: usize = 0;
export let stride: i32 = 0;
/** Where the cell of place 0 would lie. */
export let cells: usize = 0;

/** Vectors that hold a row's 2K entries. */
@inline
export function vectors(): i32 {
  return (classes + 3) >> 2;
}

export let thread: usize = 0;
export let sums: usize = 0;
/** Scratch of a block's sums. */
export let toCome: usize = 0;
export let batch: usize = 0;
/** Scratch of one row's rewriting. */
export let scratch: usize = 0;

export let slot: usize = 0;
export let segments: i32 = 0;
export let weights: usize = 0;
export let owners: usize = 0;
export let self: i32 = 0;

export function bindModel(at: usize): void {
  model = at;
  features = load<i32>(at, MODEL_FEATURES);
  classes = load<i32>(at, MODEL_CLASSES);
  firstClass = load<i32>(at, MODEL_FIRST_CLASS);
  pairs = load<i32>(at, MODEL_PAIRS);
  pairFirst = load<u32>(at, MODEL_PAIR_FIRST);
  pairSecond = load<u32>(at, MODEL_PAIR_SECOND);
  prior = load<u32>(at, MODEL_PRIOR);
  stride = load<i32>(at, MODEL_STRIDE);
  cells = <usize>load<u32>(at, MODEL_CELLS) - FIRST_CELL * CELL_BYTES;
  setSeed(load<u32>(at, MODEL_SEED_LOW), load<u32>(at, MODEL_SEED_HIGH));
}

export function bindThread(at: usize): void {
  thread = at;
  sums = load<u32>(at, THREAD_SUMS);
  toCome = load<u32>(at, THREAD_TO_COME);
  batch = load<u32>(at, THREAD_BATCH);
  scratch = batch + (BATCH_ROWS << 1);
}

export function bindSlot(at: usize): void {
  slot = at;
  segments = load<i32>(at, SLOT_SEGMENTS);
  weights = load<u32>(at, SLOT_WEIGHTS);
  owners = load<u32>(at, SLOT_OWNERS);
  self = load<i32>(at, SLOT_SELF);
}
