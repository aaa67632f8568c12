/** A small problem for whole runs over the network, and what the serial sampler makes of it. */
import assert from 'node:assert/strict';
import type { ChainRule } from '../../../src/kernel/kernel.js';
import { WasmKernel } from '../../../src/kernel/wasm/wasm-kernel.js';
import type { Rows } from '../../../src/posterior/rows.js';
import { geometricBetasQ, type RunPlan, type Tempering } from '../../../src/sampler/run-plan.js';
import { sampleSerially, type SerialDraw } from '../../../src/sampler/serial.js';
import type { StoredDraw } from '../../../src/store/store.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

export interface Problem {
  readonly rule: ChainRule;
  readonly rows: Rows;
  readonly plan: RunPlan;
}

export interface Size {
  readonly rows?: number;
  readonly classes?: number;
  readonly draws?: number;
  readonly thin?: number;
  readonly warmup?: number;
  readonly chains?: number;
  readonly tempering?: Tempering;
}

export function problem(size: Size = {}): Problem {
  const { rows: count = 120, classes = 3, draws = 5, thin = 2, warmup = 6, chains = 3 } = size;
  const { model, rows } = tinyModel({
    ...{ features: 16, classes, rows: count, seed: 5, grid: { rows: 4, columns: 4 } },
    // Some pixels are rare, so that shards own moves of their own.
    litChance: Array.from({ length: 16 }, (_, j) => (j % 3 === 0 ? 0.02 : 0.3)),
    maxWeight: 3,
  });
  const tempering = size.tempering ? { tempering: size.tempering } : {};
  const plan = { chains, draws, thin, warmupBetasQ: geometricBetasQ(warmup), ...tempering };
  return { rule: ruleOf(model, 11), rows, plan };
}

/** One line a draw, for comparing. */
export function drawLine({ chain, draw, sweep, w, logLikQ, counts }: StoredDraw | SerialDraw): string {
  const bits = Buffer.from(w).toString('hex');
  return JSON.stringify({ draw, chain, sweep, logLikQ, bits, counts });
}

/** The lines of the serial sampler's draws one after the other, in the order (draw, chain). */
export function* serialDraws({ rule, rows, plan }: Problem): Generator<string, undefined> {
  for (const event of sampleSerially({ kernel: WasmKernel.alone(rule), rule, plan, shards: [rows] })) {
    if (event.kind === 'draw') yield drawLine(event);
  }
}

export function serialLines(whole: Problem): string[] {
  return [...serialDraws(whole)];
}

/** That lines are the same; the error shows the first that isn't. */
export function assertSame(lines: readonly string[], expected: readonly string[]): void {
  lines.forEach((line, i) => assert.equal(line, expected[i], `line ${i + 1}`));
  assert.equal(lines.length, expected.length);
}

/** The lines of a store's draws, in the order (draw, chain). */
export async function storedLines(store: {
  readonly horizon: number;
  read(from: number, to: number): AsyncIterable<StoredDraw>;
}): Promise<string[]> {
  const lines: string[] = [];
  for await (const draw of store.read(0, store.horizon)) lines.push(drawLine(draw));
  return lines;
}
