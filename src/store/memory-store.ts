/** A DrawStore in memory, for tests and for sampling within one process. Flushing is what makes draws visible. */
import { packWeights, unpackWeights } from '../posterior/weights.js';
import { noCounts } from '../sampler/moves.js';
import type { LadderDraw } from '../sampler/tempering/replica-exchange.js';
import type { DrawReader, DrawStore, StoredCheckpoint, StoredDraw } from './store.js';

interface PackedDraw {
  readonly sweep: number;
  readonly packed: Uint8Array;
  readonly logLikQ: number;
  readonly counts: StoredDraw['counts'];
  readonly ladder?: LadderDraw;
}

/** The draws of all chains, those of the warm-up or those of the sampling. */
class Shelf implements DrawReader {
  readonly #weights: number;
  readonly #draws: readonly PackedDraw[][];
  /** Draws of each chain that a flush has covered. */
  #durable: readonly number[];

  constructor(weights: number, draws: readonly PackedDraw[][]) {
    this.#weights = weights;
    this.#draws = draws;
    this.#durable = draws.map(({ length }) => length);
  }

  get horizon(): number {
    return Math.min(...this.#durable);
  }

  append(draw: StoredDraw): void {
    const { chain, sweep, logLikQ, ladder } = draw;
    const next = this.#draws[chain]!.length;
    if (ladder && draw.draw < next) return;
    if (draw.draw !== next)
      throw new Error(`chain ${chain}: draw ${draw.draw} was appended, ${next} comes next`);
    const counts = { ...draw.counts };
    const tempered = ladder ? { ladder } : {};
    this.#draws[chain]!.push({ sweep, packed: packWeights(draw.w), logLikQ, counts, ...tempered });
  }

  flush(): void {
    this.#durable = this.#draws.map(({ length }) => length);
  }

  /** The state at the end of a chain's last durable draw, where a chain can go on from it: not a tempered one. */
  lastState(chain: number): StoredCheckpoint | undefined {
    const last = this.#draws[chain]![this.#durable[chain]! - 1];
    if (!last || last.ladder) return undefined;
    const w = unpackWeights(last.packed, this.#weights);
    return { chain, sweep: last.sweep + 1, w, logLikQ: last.logLikQ, counts: noCounts() };
  }

  /** One with what a flush has covered. */
  afterCrash(): Shelf {
    return new Shelf(
      this.#weights,
      this.#draws.map((draws, chain) => draws.slice(0, this.#durable[chain])),
    );
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

export class MemoryStore implements DrawStore {
  readonly #chains: number;
  readonly #weights: number;
  #draws: Shelf;
  #warmup: Shelf;
  readonly #checkpoints = new Map<number, StoredCheckpoint>();
  #durableCheckpoints = new Map<number, StoredCheckpoint>();
  #outcome: 'finished' | 'stopped' | undefined;
  #reason: string | undefined;

  /**
   * @param chains number of chains
   * @param weights D K, bits a draw
   */
  constructor(chains: number, weights: number) {
    this.#chains = chains;
    this.#weights = weights;
    const none = () =>
      new Shelf(
        weights,
        Array.from({ length: chains }, () => []),
      );
    [this.#draws, this.#warmup] = [none(), none()];
  }

  get horizon(): number {
    return this.#draws.horizon;
  }

  /** The warm-up draws. */
  get warmup(): DrawReader {
    return this.#warmup;
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
    for (let chain = 0; chain < this.#chains; chain++) {
      const state = this.#draws.lastState(chain) ?? this.#warmup.lastState(chain);
      if (state && (points.get(chain)?.sweep ?? -1) <= state.sweep) points.set(chain, state);
    }
    return points;
  }

  append(draw: StoredDraw): void {
    this.#draws.append(draw);
  }

  appendWarmup(draw: StoredDraw): void {
    this.#warmup.append(draw);
  }

  checkpoint(state: StoredCheckpoint): void {
    this.#checkpoints.set(state.chain, { ...state, w: state.w.slice(), counts: { ...state.counts } });
  }

  extend(): Promise<void> {
    return Promise.resolve();
  }

  flush(): Promise<number> {
    this.#draws.flush();
    this.#warmup.flush();
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
    const found = new MemoryStore(this.#chains, this.#weights);
    found.#draws = this.#draws.afterCrash();
    found.#warmup = this.#warmup.afterCrash();
    for (const [chain, state] of this.#durableCheckpoints) {
      found.#checkpoints.set(chain, state);
      found.#durableCheckpoints.set(chain, state);
    }
    return found;
  }

  read(from: number, to: number): AsyncIterable<StoredDraw> {
    return this.#draws.read(from, to);
  }
}
