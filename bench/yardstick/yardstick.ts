/** The yardstick: a frozen, minimal flip kernel for K = 10 that the project's own is measured against. */
import { readFileSync } from 'node:fs';
import { E, LN } from '../../src/posterior/grid.js';
import { rowBytes, type Rows } from '../../src/posterior/rows.js';

const CLASSES = 10;
const Z_LANES = 16;
const TABLE_BYTES = 48;

interface YardstickExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  alloc(bytes: number): number;
  setE(d: number, before: number, at: number, after: number): void;
  setL(i: number, value: number): void;
  refresh(z: number, table: number, rows: number): void;
  sweep(
    z: number,
    table: number,
    lists: number,
    offsets: number,
    counts: number,
    w: number,
    order: number,
    features: number,
    thresholds: number,
  ): number;
}

function instance(): YardstickExports {
  const module = new WebAssembly.Module(readFileSync(new URL('flip.wasm', import.meta.url)));
  const imports = { env: { abort: () => undefined } };
  return new WebAssembly.Instance(module, imports).exports as unknown as YardstickExports;
}

export class Yardstick {
  readonly #wasm = instance();
  readonly #rows: Rows;
  readonly #at;

  constructor(rows: Rows) {
    const wasm = this.#wasm;
    this.#rows = rows;
    for (let d = 0; d < 36; d++) wasm.setE(d, E[d - 1] ?? 0, E[d]!, E[d + 1]!);
    for (let i = 4096; i < 65536; i++) wasm.setL(i, LN[i]!);
    const { lists, offsets, counts } = columns(rows);
    const weights = rows.features * CLASSES;
    const at = {
      lists: wasm.alloc(lists.byteLength),
      offsets: wasm.alloc(offsets.byteLength),
      counts: wasm.alloc(counts.byteLength),
      w: wasm.alloc(weights),
      order: wasm.alloc(4 * rows.features),
      thresholds: wasm.alloc(4 * weights),
      z: wasm.alloc(rows.count * Z_LANES * 2),
      table: wasm.alloc(rows.count * TABLE_BYTES + 64),
    };
    this.#at = at;
    new Uint16Array(wasm.memory.buffer, at.lists, lists.length).set(lists);
    new Int32Array(wasm.memory.buffer, at.offsets, offsets.length).set(offsets);
    new Int32Array(wasm.memory.buffer, at.counts, counts.length).set(counts);
  }

  /** Goes to a state, one byte a weight. */
  setState(w: Uint8Array): void {
    const { buffer } = this.#wasm.memory;
    const { features, count, bits } = this.#rows;
    const stride = rowBytes(features);
    new Uint8Array(buffer, this.#at.w, w.length).set(w);
    const z = new Int16Array(buffer, this.#at.z, count * Z_LANES).fill(0);
    for (let n = 0; n < count; n++) {
      for (let b = 0; b < stride; b++) {
        for (let byte = bits[n * stride + b]!; byte; byte &= byte - 1) {
          const j = 8 * b + 31 - Math.clz32(byte & -byte);
          for (let k = 0; k < CLASSES; k++) z[n * Z_LANES + k]! += w[j * CLASSES + k]!;
        }
      }
    }
    this.#wasm.refresh(this.#at.z, this.#at.table, count);
  }

  /**
   * One sweep over all features.
   * @param order of the features
   * @param thresholdsQ one a weight, index j K + k
   * @returns accepted flips
   */
  sweep(order: Int32Array, thresholdsQ: Int32Array): number {
    const { buffer } = this.#wasm.memory;
    const { z, table, lists, offsets, counts, w, order: orderAt, thresholds } = this.#at;
    new Int32Array(buffer, orderAt, order.length).set(order);
    new Int32Array(buffer, thresholds, thresholdsQ.length).set(thresholdsQ);
    return this.#wasm.sweep(z, table, lists, offsets, counts, w, orderAt, order.length, thresholds);
  }
}

/** Lit rows by feature, where each feature's begin, and how many there are of each class. */
function columns(rows: Rows): { lists: Uint16Array; offsets: Int32Array; counts: Int32Array } {
  const { features, count, bits, labels } = rows;
  const stride = rowBytes(features);
  const counts = new Int32Array(features * CLASSES);
  const offsets = new Int32Array(features + 1);
  const all: number[][] = Array.from({ length: features }, () => []);
  for (let n = 0; n < count; n++) {
    for (let j = 0; j < features; j++) {
      if (((bits[n * stride + (j >> 3)]! >> (j & 7)) & 1) === 0) continue;
      all[j]!.push(n);
      counts[j * CLASSES + labels[n]!]!++;
    }
  }
  for (let j = 0; j < features; j++) offsets[j + 1] = offsets[j]! + all[j]!.length;
  return { lists: Uint16Array.from(all.flat()), offsets, counts };
}
