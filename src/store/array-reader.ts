/** Reads the draws of a section back from the arrays' chunk files, as a stream. */
import { join } from 'node:path';
import { noCounts } from '../sampler/moves.js';
import type { ArraySpec } from './arrays.js';
import { chunkName, pathOf, placeOf, statisticsArrays, weightsArray } from './arrays.js';
import { readChunk } from './chunk-file.js';
import type { PackedState } from './journal.js';
import { isLadderStatistic, takeLadder } from './ladder-row.js';
import type { RunManifest } from './manifest.js';
import type { PackedDraw } from './row.js';
import { columnOf, rawBytes, takeCounts, takeWeights } from './row.js';
import type { Section } from './sections.js';

type Column = ReturnType<typeof columnOf>;
type Columns = Readonly<Record<'log_lik_q' | 'sweep' | 'proposed' | 'accepted', Column>> & {
  /** Of tempered chains: by name. */
  readonly ladder: ReadonlyMap<string, Column>;
};

export class ArrayReader {
  readonly #run: string;
  readonly #manifest: RunManifest;
  readonly #weights: ArraySpec;
  readonly #statistics: readonly ArraySpec[];

  /** Draws are numbered within the section everywhere in this class. */
  constructor(
    run: string,
    manifest: RunManifest,
    readonly section: Section,
  ) {
    this.#run = run;
    this.#manifest = manifest;
    this.#weights = weightsArray(manifest, section, 0);
    this.#statistics = statisticsArrays(manifest, section, 0);
  }

  /** Cuts a range of draws at the borders of chunks. */
  *pieces(from: number, to: number): Iterable<{ readonly from: number; readonly to: number }> {
    const { weights, statistics } = this.#manifest.chunks;
    const length = Math.min(weights.draws, statistics.draws);
    for (let start = from; start < to;) {
      const end = Math.min(to, (Math.floor(start / length) + 1) * length);
      yield { from: start, to: end };
      start = end;
    }
  }

  /**
   * Draws `from` .. `to - 1` of each chain as far as they are stored, chains apart; all in one piece.
   * @param stored draws of each chain in the arrays of the section
   */
  async piece(from: number, to: number, stored: readonly number[]): Promise<PackedDraw[][]> {
    const chains = stored.map((count, chain) => ({ chain, end: Math.min(to, count) }));
    const packed = new Map<number, Uint8Array[]>();
    const columns = new Map<number, Columns>();
    const { weights, statistics } = this.#manifest.chunks;
    for (const group of groupsWith(chains, from, weights.chains)) {
      await this.#takeGroup(group, chains, from, packed);
    }
    for (const group of groupsWith(chains, from, statistics.chains)) {
      columns.set(group, await this.#columns(group, Math.floor(from / statistics.draws)));
    }
    return chains.map(({ chain, end }) =>
      Array.from({ length: Math.max(0, end - from) }, (_, i) => {
        const { group, index } = placeOf(statistics, chain, from + i);
        return assemble(
          chain,
          this.section.from + from + i,
          packed.get(chain)![i]!,
          columns.get(group)!,
          index,
        );
      }),
    );
  }

  /** The state at the end of a chain's last draw. */
  async lastState(chain: number, stored: number): Promise<PackedState> {
    const alone = new Array<number>(this.#manifest.settings.chains).fill(0);
    alone[chain] = stored;
    const [draw] = (await this.piece(stored - 1, stored, alone))[chain]!;
    const { sweep, packed, logLikQ } = draw!;
    return { chain, sweep: sweep + 1, packed, logLikQ, counts: noCounts() };
  }

  async #takeGroup(
    group: number,
    chains: readonly { chain: number; end: number }[],
    from: number,
    into: Map<number, Uint8Array[]>,
  ): Promise<void> {
    const size = this.#manifest.chunks.weights;
    const { features, classes } = this.#manifest.settings;
    const place = [group, Math.floor(from / size.draws), 0, 0];
    const raw = await this.#read(this.#weights, place);
    for (const { chain, end } of chains.slice(group * size.chains, (group + 1) * size.chains)) {
      const take = (_: unknown, i: number) =>
        takeWeights(raw, features * classes, size.draws, placeOf(size, chain, from + i).index);
      into.set(chain, Array.from({ length: Math.max(0, end - from) }, take));
    }
  }

  async #columns(group: number, block: number): Promise<Columns> {
    const column = async (name: string) => {
      const spec = this.#statistics.find((array) => array.name === name)!;
      return columnOf(spec, await this.#read(spec, [group, block, ...spec.chunk.slice(2).map(() => 0)]));
    };
    return {
      log_lik_q: await column('log_lik_q'),
      sweep: await column('sweep'),
      proposed: await column('proposed'),
      accepted: await column('accepted'),
      ladder: new Map(
        await Promise.all(
          this.#statistics
            .filter(({ name }) => isLadderStatistic(name))
            .map(async ({ name }) => [name, await column(name)] as const),
        ),
      ),
    };
  }

  #read(spec: ArraySpec, place: readonly number[]): Promise<Uint8Array> {
    return readChunk(join(this.#run, pathOf(spec), chunkName(place)), rawBytes(spec));
  }
}

/** Groups of chains of which some has draws from `from` on. */
function groupsWith(chains: readonly { chain: number; end: number }[], from: number, size: number): number[] {
  return [...new Set(chains.filter(({ end }) => end > from).map(({ chain }) => Math.floor(chain / size)))];
}

/** A draw's numbers in an array of the ladder. */
function numbersAt({ ladder, log_lik_q: one }: Columns, name: string, index: number): number[] {
  const column = ladder.get(name)!;
  const size = column.length / one.length;
  return Array.from({ length: size }, (_, i) => Number(column[index * size + i]));
}

function assemble(
  chain: number,
  record: number,
  packed: Uint8Array,
  columns: Columns,
  index: number,
): PackedDraw {
  return {
    chain,
    record,
    packed,
    sweep: Number(columns.sweep[index]),
    logLikQ: Number(columns.log_lik_q[index]),
    counts: takeCounts(columns.proposed, columns.accepted, index),
    ...(columns.ladder.size > 0 && { ladder: takeLadder((name) => numbersAt(columns, name, index)) }),
  };
}
