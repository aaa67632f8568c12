/**
 * Full recomputes: at a low rate the workers of a chain compute its logits and table rows anew from its bits. They find
 * what the exact audit at every draw can't: a wrong row that no accepted move has touched yet.
 */
import type { Chain } from './chain.js';

interface ChainAudits {
  asked: number;
  /** Sweeps done when it was asked for last. */
  askedAt: number;
  /** Sweeps done when the rows were last known to be right. */
  rightAt: number;
}

export class AuditPlan {
  /** Recomputes that found every row right: one a worker that shares a chain. */
  passed = 0;
  readonly #chains: readonly Chain[];
  readonly #audits: readonly ChainAudits[];
  #isDue = false;

  constructor(chains: readonly Chain[]) {
    this.#chains = chains;
    this.#audits = chains.map(({ boundary: { sweep } }) => ({ asked: 0, askedAt: sweep, rightAt: sweep }));
  }

  /** It is time for one. */
  due(): void {
    this.#isDue = true;
  }

  /** The chain's rows were computed anew where it is now attached. */
  attached({ number, boundary: { sweep } }: Chain): void {
    Object.assign(this.#audits[number]!, { askedAt: sweep, rightAt: sweep });
  }

  /** Whether this chain, which rests, is the next to be audited: of those that go on, the one with the fewest audits. */
  takes({ number, boundary, isDone }: Chain): boolean {
    if (!this.#isDue || isDone) return false;
    const audits = this.#audits[number]!;
    const isBehind = (other: Chain): boolean =>
      !other.isDone && this.#audits[other.number]!.asked < audits.asked;
    if (this.#chains.some(isBehind)) return false;
    this.#isDue = false;
    audits.asked++;
    // A worker answers in order: whoever has walked on since the last audit has passed it.
    audits.rightAt = audits.askedAt;
    audits.askedAt = boundary.sweep;
    return true;
  }

  /** What is to be said of a chain with wrong rows. */
  fault(chain: number, differing: number): string {
    const { askedAt, rightAt } = this.#audits[chain]!;
    return (
      `chain ${chain}: ${differing} table rows differ from their recomputation after ${askedAt} sweeps; ` +
      `its sweeps from ${rightAt} on rest on the exact audit alone`
    );
  }
}
