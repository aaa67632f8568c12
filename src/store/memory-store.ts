/** A DrawStore in memory, for tests and for sampling within one process. Flushing is what makes draws visible. */
import { packWeights, unpackWeights } from '../posterior/weights.js';
import { noCounts } from '../sampler/moves.js';
import type { DrawStore, StoredCheckpoint, StoredDraw } from './store.js';

interface PackedDraw {
  readonly sweep: number;
  readonly packed: Uint8Array;
  readonly logLikQ: number;
  readonly counts: StoredDraw['counts'];
}

export class MemoryStore implements DrawStore {
  readonly #weights: number;
  readonly #draws: PackedDraw[][];
  readonly #checkpoints = new Map<number, StoredCheckpoint>();
  /** Draws of each chain that a flush has covered. */
  #durable: number[];
  #durableCheckpoints = new Map<number, StoredCheckpoint>();
  #outcome: 'finished' | 'stopped' | undefined;
  #reason: string | undefined;

  /**
   * @param chains number of chains
   * @param weights D K, bits a draw
   */
  constructor(chains: number, weights: number) {
    this.#weights = weights;
    this.#draws = Array.from({ length: chains }, () => []);
    this.#durable = new Array<number>(chains).fill(0);
  }

  get horizon(): number {
    return Math.min(...this.#durable);
  }

  get outcome(): 'finished' | 'stopped' | undefined {
    return this.#outcome;
  }

  /** Why the run ended, where a rule decided. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get resume(): ReadonlyMap<number, StoredCheckpoint> {
    const points = new Map(this.#durableCheckpoints);
    this.#durable.forEach((count, chain) => {
      if (count === 0) return;
      const last = this.#draws[chain]![count - 1]!;
      if ((points.get(chain)?.sweep ?? -1) > last.sweep + 1) return;
      const w = unpackWeights(last.packed, this.#weights);
      points.set(chain, { chain, sweep: last.sweep + 1, w, logLikQ: last.logLikQ, counts: noCounts() });
    });
    return points;
  }

  append(draw: StoredDraw): void {
    const { chain, sweep, logLikQ } = draw;
    const next = this.#draws[chain]!.length;
    if (draw.draw !== next)
      throw new Error(`chain ${chain}: draw ${draw.draw} was appended, ${next} comes next`);
    this.#draws[chain]!.push({ sweep, packed: packWeights(draw.w), logLikQ, counts: { ...draw.counts } });
  }

  checkpoint(state: StoredCheckpoint): void {
    this.#checkpoints.set(state.chain, { ...state, w: state.w.slice(), counts: { ...state.counts } });
  }

  flush(): Promise<number> {
    this.#durable = this.#draws.map((draws) => draws.length);
    this.#durableCheckpoints = new Map(this.#checkpoints);
    return Promise.resolve(this.horizon);
  }

  async close(outcome: 'finished' | 'stopped', reason?: string): Promise<void> {
    await this.flush();
    this.#outcome = outcome;
    this.#reason = reason;
  }

  /** What a process that starts after a crash of this one would find: only what a flush has covered. */
  afterCrash(): MemoryStore {
    const found = new MemoryStore(this.#draws.length, this.#weights);
    this.#durable.forEach((count, chain) =>
      found.#draws[chain]!.push(...this.#draws[chain]!.slice(0, count)),
    );
    found.#durable = [...this.#durable];
    for (const [chain, state] of this.#durableCheckpoints) {
      found.#checkpoints.set(chain, state);
      found.#durableCheckpoints.set(chain, state);
    }
    return found;
  }

  async *read(from: number, to: number): AsyncIterable<StoredDraw> {
    const end = Math.min(to, this.horizon);
    for (let draw = from; draw < end; draw++) {
      for (let chain = 0; chain < this.#draws.length; chain++) {
        const { packed, ...rest } = this.#draws[chain]![draw]!;
        yield { chain, draw, w: unpackWeights(packed, this.#weights), ...rest };
      }
    }
  }
}
