/**
 * Diagnostics of a run, fed draw by draw.
 *
 * Exact: everything of lp, and everything of the weights while a chain's draws fit in the memory allowed (one bit a weight
 * and draw; 256 MiB hold 16,384 draws of 16 chains with 7,840 weights). Past that every second draw is given up, again and
 * again: the figures are then exact for the draws that are left (every 2nd, 4th, ..), so a weight's flips count changes
 * between those, and its effective size is at most theirs.
 */
import { firstFreeClass, type Model } from '../posterior/model.js';
import { BitHistory } from './bit-history.js';
import { type BitEstimate, BitSeries } from './bit-series.js';
import { GrowingSeries } from './growing-series.js';
import { autocorrelations, type Estimate, estimate } from './scalar.js';

export interface DiagnosedDraw {
  readonly chain: number;
  readonly draw: number;
  /** One bit a weight, least significant first, index j K + k. */
  readonly packed: Uint8Array;
  /** Log posterior, nat. */
  readonly lp: number;
}

const BUDGET_BYTES = 2 ** 28;
/** Blocks of 32 draws halve evenly in pairs. */
const BLOCK_PAIR = 64;

export class RunDiagnostics {
  readonly #chains: number;
  readonly #weights: number;
  /** Most draws of a chain whose bits are kept. */
  readonly #most: number;
  readonly #bits: BitHistory[];
  readonly #lp: GrowingSeries[];
  /** Numbers of the weights that the model does not pin. */
  readonly freeWeights: Uint32Array;
  /** Of every so many draws one has its bits kept. */
  #stride = 1;
  /** Draws added, over all chains. */
  #added = 0;

  /** @param budgetBytes memory for the bits of all weights and draws */
  constructor(
    model: Pick<Model, 'features' | 'classes' | 'pinned'>,
    chains: number,
    budgetBytes = BUDGET_BYTES,
  ) {
    this.#chains = chains;
    this.#weights = model.features * model.classes;
    const drawBytes = 4 * Math.ceil(this.#weights / 32) * chains;
    this.#most = BLOCK_PAIR * Math.max(1, Math.floor(budgetBytes / drawBytes / BLOCK_PAIR));
    this.#bits = Array.from({ length: chains }, () => new BitHistory(this.#weights));
    this.#lp = Array.from({ length: chains }, () => new GrowingSeries());
    const first = firstFreeClass(model);
    const all = Uint32Array.from({ length: this.#weights }, (_, i) => i);
    this.freeWeights = all.filter((i) => i % model.classes >= first);
  }

  get chains(): number {
    return this.#chains;
  }

  /** Draws that every chain has. */
  get draws(): number {
    return Math.floor(this.#added / this.#chains);
  }

  /** 1 while the weights' figures are of all draws, else 2, 4, ..: they are of every so-manieth draw. */
  get stride(): number {
    return this.#stride;
  }

  /** Draws must come in the order (draw, chain), so that what is kept never depends on timing. */
  add({ chain, draw, packed, lp }: DiagnosedDraw): void {
    if (draw * this.#chains + chain !== this.#added) {
      throw new Error(`draw ${draw} of chain ${chain} came out of the order (draw, chain)`);
    }
    this.#lp[chain]!.push(lp);
    if (draw % this.#stride === 0) this.#bits[chain]!.add(packed);
    this.#added++;
    if (this.#added % this.#chains === 0 && this.#bits[0]!.length >= this.#most) this.#halve();
  }

  #halve(): void {
    for (const history of this.#bits) history.dropEverySecond();
    this.#stride *= 2;
  }

  /** lp of each chain, nat, over the draws that every chain has; views, good until the next draw. */
  lpOfChains(): Float64Array[] {
    return this.#lp.map((series) => series.first(this.draws));
  }

  lp(): Estimate {
    return estimate(this.lpOfChains());
  }

  lpAutocorrelations(lags: number): Float64Array {
    return autocorrelations(this.lpOfChains(), lags);
  }

  /** Figures of the given weights, in their order; there must be at least one draw. */
  *weights(indices: Iterable<number> = this.freeWeights): Generator<BitEstimate> {
    const draws = Math.ceil(this.draws / this.#stride);
    const series = new BitSeries(this.#chains, draws);
    const blocks = this.#bits.map((history) => history.blocks());
    const words = blocks.map((own) => new Uint32Array(own.length + 1));
    for (const index of indices) {
      blocks.forEach((own, chain) => own.forEach((block, b) => (words[chain]![b] = block[index]!)));
      yield series.estimate(words);
    }
  }
}
