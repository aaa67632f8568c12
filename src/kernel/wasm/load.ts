/** The compiled module: flip.wasm lies beside this file's compiled form. */
import { readFileSync } from 'node:fs';

/** Addresses are unsigned byte offsets, handed over as int32. */
export interface FlipExports {
  fillRows(model: number, thread: number, slot: number): void;
  staleRows(model: number, thread: number, slot: number): number;
  logLikQ(model: number, slot: number): number;
  flipDeltas(model: number, thread: number, slot: number): void;
  listPairs(model: number, shard: number): number;
  makePlan(model: number, thread: number, sweep: number): void;
  sweepNeeds(model: number, thread: number, chain: number, sweep: number): void;
  walkSolo(
    model: number,
    thread: number,
    slot: number,
    chain: number,
    sweep: number,
    betaQ: number,
    from: number,
    to: number,
  ): void;
  openWindow(
    model: number,
    thread: number,
    slot: number,
    sweep: number,
    settleAt: number,
    from: number,
    to: number,
  ): number;
  walkWindow(
    model: number,
    thread: number,
    slot: number,
    chain: number,
    sweep: number,
    betaQ: number,
    from: number,
    to: number,
    before: number,
  ): number;
  // For native products of dense matrices.
  fillBlockBits(model: number, shard: number): void;
  fillDense(model: number, shard: number, block: number, from: number, to: number, out: number): number;
  addListSum(model: number, slot: number, segment: number, feature: number, out: number): void;
  widenRows(
    model: number,
    shard: number,
    tables: number,
    count: number,
    from: number,
    to: number,
    first: number,
    last: number,
    out: number,
  ): void;
  rowsFromLogits(
    model: number,
    thread: number,
    slot: number,
    segment: number,
    from: number,
    to: number,
    logits: number,
    write: boolean,
  ): number;
  // Single steps of the stream, so that tests can compare them with src/posterior.
  setSeed(low: number, high: number): void;
  acceptBits(site: number, sweep: number, chain: number): bigint;
  logit53(bits: bigint): number;
  thresholdQ(bits: bigint, priorQ: number, betaQ: number): number;
  isTaken(bits: bigint, priorQ: number, betaQ: number, deltaQ: number): number;
}

let compiled: WebAssembly.Module | undefined;

/** Compiles the module once a process. */
export function flipModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('flip.wasm', import.meta.url)));
  return compiled;
}

/** An instance over a memory: several threads may have one each over the same memory. */
export function flipInstance(module: WebAssembly.Module, memory: WebAssembly.Memory): FlipExports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as FlipExports;
}
