/** What is noted of a run for its metrics alone: when what happened last, and how lp mixes and replicas travel. */
import type { AuditedState } from './brain/messages.js';
import { LadderDiagnostics, type LadderFigures } from '../diagnostics/ladder.js';
import type { RunPlan } from '../sampler/run-plan.js';
import { LpMonitor, type LpFigures } from './lp-monitor.js';

export class Watch {
  readonly #lp: LpMonitor;
  readonly #ladder: LadderDiagnostics | undefined;
  /** Of the draws so far, once they are asked for. */
  #ladderFigures: LadderFigures | undefined;
  readonly #audited: number[];
  #lastDrawAt: number | undefined;

  /** @param clock seconds since 1970 */
  constructor(
    { chains, tempering }: Pick<RunPlan, 'chains' | 'tempering'>,
    private readonly clock: () => number = () => Date.now() / 1000,
  ) {
    this.#lp = new LpMonitor(chains);
    this.#ladder = tempering && new LadderDiagnostics(chains, tempering.replicas);
    this.#audited = new Array<number>(chains).fill(clock());
  }

  /** Notes an audited state. @param lp of it, in nat */
  audited(state: AuditedState, lp: number): void {
    const now = this.clock();
    this.#audited[state.chain] = now;
    if (state.type !== 'draw') return;
    this.#lastDrawAt = now;
    this.#lp.add(state.chain, lp);
    if (!state.ladder) return;
    this.#ladder?.add(state.chain, state.ladder);
    this.#ladderFigures = undefined;
  }

  /** When a draw of any chain was taken last; undefined before the first of this process. */
  get lastDrawAt(): number | undefined {
    return this.#lastDrawAt;
  }

  /** When that chain was last audited which waits longest, of those that `isAtWork` holds for; undefined without one. */
  longestWaiting(isAtWork: (chain: number) => boolean): number | undefined {
    const times = this.#audited.filter((_, chain) => isAtWork(chain));
    return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
  }

  /** Undefined where chains aren't tempered, and until every chain has a draw of this process. */
  get ladder(): LadderFigures | undefined {
    // Each of a scrape's metrics asks.
    if (this.#ladder?.isBegun) this.#ladderFigures ??= this.#ladder.figures;
    return this.#ladderFigures;
  }

  get lp(): LpFigures | undefined {
    return this.#lp.figures;
  }
}
