/**
 * The digest of a run: one SHA-256 over all its draws, the same however the run was laid out, interrupted or stored.
 *
 *     digest = SHA-256(header, SHA-256(records of chain 0), SHA-256(records of chain 1), ...)
 *     header = "bitgibbs draws 1\n", then D, K, chains, draws a chain, each unsigned 32 bits, little-endian
 *
 * A chain's records are those of sampler/draw-record.ts in the order of its draws. Hashing chains apart lets them
 * arrive in any order over one another.
 */
import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { drawRecord } from '../sampler/draw-record.js';
import type { DrawReader, StoredDraw } from './store.js';

const MAGIC = 'bitgibbs draws 1\n';

/** What a draw needs to have to be counted in. */
export type DigestedDraw = Pick<StoredDraw, 'chain' | 'draw' | 'w' | 'logLikQ'>;

interface Shape {
  readonly features: number;
  readonly classes: number;
  readonly chains: number;
}

/** Takes draws one by one; those of one chain in order, chains in any order over one another. */
export class DrawDigest {
  readonly #shape: Shape;
  readonly #hashes: Hash[];
  readonly #counts: number[];

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#hashes = Array.from({ length: shape.chains }, () => createHash('sha256'));
    this.#counts = new Array<number>(shape.chains).fill(0);
  }

  add(draw: DigestedDraw): void {
    const next = this.#counts[draw.chain];
    if (draw.draw !== next)
      throw new Error(`chain ${draw.chain}: draw ${draw.draw} came, ${next} comes next`);
    this.#hashes[draw.chain]!.update(drawRecord(draw));
    this.#counts[draw.chain] = next + 1;
  }

  /** The digest of what was added, in hex; every chain must have the same number of draws. */
  hex(): string {
    const draws = this.#counts[0]!;
    const uneven = this.#counts.findIndex((count) => count !== draws);
    if (uneven > 0)
      throw new Error(`chain 0 has ${draws} draws, chain ${uneven} has ${this.#counts[uneven]}`);
    const { features, classes, chains } = this.#shape;
    const header = new DataView(new ArrayBuffer(16));
    [features, classes, chains, draws].forEach((value, i) => header.setUint32(4 * i, value, true));
    const whole = createHash('sha256').update(MAGIC).update(new Uint8Array(header.buffer));
    for (const hash of this.#hashes) whole.update(hash.copy().digest());
    return whole.digest('hex');
  }
}

/** The digest of the draws 0 .. `to - 1` of every chain (to the horizon unless told otherwise), read as a stream. */
export async function digestOf(reader: DrawReader, shape: Shape, to = reader.horizon): Promise<string> {
  const digest = new DrawDigest(shape);
  for await (const draw of reader.read(0, to)) digest.add(draw);
  return digest.hex();
}
