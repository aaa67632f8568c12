/**
 * A store that ends a run by a stop rule. At fixed draw counts it keeps back what comes after until the judge has spoken:
 * when the rule is met, what was kept back is dropped, so that the run's draws never depend on how fast anything was.
 */
import { nextCheckpoint, type StopVerdict } from '../../diagnostics/stop-rule.js';
import { type RunPlan, warmupSweeps } from '../../sampler/run-plan.js';
import type { DrawReader, DrawStore, StoredCheckpoint, StoredDraw } from '../../store/store.js';

/** See judge-service.ts. */
export interface StopJudge {
  show(reader: DrawReader, to: number): Promise<void>;
  verdict(): Promise<StopVerdict>;
  close(): Promise<void>;
}

export class JudgedStore implements DrawStore {
  readonly #inner: DrawStore;
  #plan: RunPlan;
  readonly #judge: StopJudge;
  /** Called once when the rule is met. */
  readonly #met: (reason: string) => void;
  /** Draws of each chain that may be stored before the judge has spoken. */
  #limit: number;
  /** Draw count that the judge has spoken at, or that the run goes on from. */
  #asked: number;
  /** What was appended beyond the limit, in the order it came. */
  #held: StoredDraw[] = [];
  #verdict: StopVerdict | undefined;
  #looking: Promise<void> | undefined;
  #failure: unknown;

  /** @param inner a new store, or one that a run goes on with */
  constructor(inner: DrawStore, plan: RunPlan, judge: StopJudge, met: (reason: string) => void) {
    this.#inner = inner;
    this.#plan = plan;
    this.#judge = judge;
    this.#met = met;
    // What was passed before is passed again: the same draws give the same verdict. The last count gave none, perhaps.
    this.#asked = Math.max(0, inner.horizon - 1);
    this.#limit = this.#after(this.#asked);
  }

  get horizon(): number {
    return this.#inner.horizon;
  }

  get resume(): ReadonlyMap<number, StoredCheckpoint> {
    return this.#inner.resume;
  }

  /** What the rule found last, and whether it was met; nothing before the first count. */
  get verdict(): StopVerdict | undefined {
    return this.#verdict;
  }

  append(draw: StoredDraw): void {
    if (this.#verdict?.stop) return;
    if (draw.draw < this.#limit) this.#inner.append(draw);
    else this.#held.push({ ...draw, w: draw.w.slice() });
  }

  appendWarmup(draw: StoredDraw): void {
    this.#inner.appendWarmup(draw);
  }

  checkpoint(state: StoredCheckpoint): void {
    // A state past what may be stored would leave a gap before it.
    if (state.sweep <= warmupSweeps(this.#plan) + this.#limit * this.#plan.thin)
      this.#inner.checkpoint(state);
  }

  extend(draws: number): Promise<void> {
    this.#plan = { ...this.#plan, draws };
    this.#limit = this.#after(this.#asked);
    const held = this.#held;
    this.#held = [];
    for (const draw of held) this.append(draw);
    return this.#inner.extend(draws);
  }

  async flush(): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure as Error;
    const horizon = await this.#inner.flush();
    this.#looking ??= this.#look()
      .catch((error: unknown) => (this.#failure = error))
      .then(() => (this.#looking = undefined));
    return horizon;
  }

  /** Resolves when the judge is not at work. */
  async settled(): Promise<void> {
    await this.#looking;
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  async close(outcome: 'finished' | 'stopped'): Promise<void> {
    try {
      if (outcome === 'finished') await this.#lookAtAll();
      await this.#looking;
      const isOver = outcome === 'finished' || this.#verdict?.stop === true;
      await this.#inner.close(isOver ? 'finished' : 'stopped', isOver ? this.#reason() : undefined);
    } finally {
      await this.#judge.close();
    }
  }

  read(from: number, to: number): AsyncIterable<StoredDraw> {
    return this.#inner.read(from, to);
  }

  #after(draws: number): number {
    return Math.min(nextCheckpoint(draws), this.#plan.draws);
  }

  #reason(): string | undefined {
    const { stop = false, reason } = this.#verdict ?? {};
    return stop || reason === undefined ? reason : `all ${this.#plan.draws} draws are there; ${reason}`;
  }

  /** Every draw is there: the judge sees all of them, count by count. */
  async #lookAtAll(): Promise<void> {
    await this.#inner.flush();
    await this.#looking;
    await this.#look();
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  /** Shows the judge what is new, and asks it where the draws of every chain have reached the limit. */
  async #look(): Promise<void> {
    while (!this.#verdict?.stop) {
      const limit = this.#limit;
      const reached = Math.min(this.#inner.horizon, limit);
      await this.#judge.show(this.#inner, reached);
      if (reached < limit) return;
      this.#verdict = await this.#judge.verdict();
      if (this.#verdict.stop) {
        this.#held = [];
        return this.#met(this.#verdict.reason);
      }
      if (limit === this.#plan.draws) return;
      this.#asked = limit;
      this.#limit = this.#after(limit);
      await this.#release();
    }
  }

  /** Stores what may be stored now. */
  async #release(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    for (const draw of held) this.append(draw);
    await this.#inner.flush();
  }
}
