/**
 * Several kernels that are told the same things and must say the same; but for the bits in reports: those of features that
 * another member of a group owns mean nothing there.
 */
import assert from 'node:assert/strict';
import type { FlipKernel, SlotReport, SlotSpec, WalkJob, WalkResult } from '../../src/kernel/kernel.js';
import type { Rows } from '../../src/posterior/rows.js';
import { SHARED, UNLIT } from '../../src/sampler/owners.js';

export class SideBySide implements FlipKernel {
  readonly name = 'reference';
  readonly #specs = new Map<number, SlotSpec>();

  constructor(readonly kernels: readonly [FlipKernel, ...FlipKernel[]]) {}

  addShard(shard: number, rows: Rows): void {
    for (const kernel of this.kernels) kernel.addShard(shard, rows);
  }

  dropShard(shard: number): void {
    for (const kernel of this.kernels) kernel.dropShard(shard);
  }

  attach(spec: SlotSpec, w: Uint8Array): SlotReport {
    this.#specs.set(spec.slot, spec);
    return this.#same(
      (kernel) => kernel.attach(spec, w),
      (report) => known(report, spec),
    );
  }

  detach(slot: number): void {
    for (const kernel of this.kernels) kernel.detach(slot);
  }

  walk(jobs: readonly WalkJob[]): WalkResult[] {
    return this.#same(
      (kernel) => kernel.walk(jobs),
      (results) => results.map((result) => this.#knownOf(result)),
    );
  }

  flipDeltasQ(slot: number): Int32Array {
    return this.#same((kernel) => kernel.flipDeltasQ(slot));
  }

  audit(slot: number): number {
    return this.#same((kernel) => kernel.audit(slot));
  }

  dispose(): void {
    for (const kernel of this.kernels) kernel.dispose();
  }

  #same<T>(ask: (kernel: FlipKernel) => T, comparable: (answer: T) => unknown = (answer) => answer): T {
    const answers = this.kernels.map(ask);
    const [first, ...others] = answers.map(comparable);
    others.forEach((other, i) => assert.deepEqual(other, first, `kernel ${i + 1} against kernel 0`));
    return answers[0]!;
  }

  #knownOf(result: WalkResult): unknown {
    const spec = this.#specs.get(result.slot)!;
    if (result.kind === 'window') return { ...result, report: result.report && known(result.report, spec) };
    return { ...result, reports: result.reports.map(({ sweep, report }) => [sweep, known(report, spec)]) };
  }
}

function known(report: SlotReport, { owners, self }: SlotSpec): SlotReport {
  const classes = report.w.length / owners.length;
  const means = (i: number): boolean => [UNLIT, SHARED, self].includes(owners[Math.floor(i / classes)]!);
  return { ...report, w: report.w.map((bit, i) => (means(i) ? bit : 0)) };
}
