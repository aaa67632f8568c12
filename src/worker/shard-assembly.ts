/** Puts a shard together from the messages it comes in, and checks it. */
import { createHash } from 'node:crypto';
import type { Rows } from '../posterior/rows.js';
import { WireError, wholeUpTo } from '../wire/check.js';
import { rowsFromBytes, shardBytes, type ShardShape } from '../wire/codec/shard.js';
import type { PullShardResponse } from '../wire/services.js';

export interface ShardWanted {
  readonly runId: string;
  readonly shard: number;
  readonly features: number;
  readonly classes: number;
}

const MAX_ROWS = 2 ** 24;

function shapeOf(message: PullShardResponse, wanted: ShardWanted): ShardShape {
  const rows = wholeUpTo(message.header?.rows, MAX_ROWS, 'shard header rows');
  const features = wholeUpTo(message.header?.features, MAX_ROWS, 'shard header features');
  if (features !== wanted.features) {
    throw new WireError(`shard ${wanted.shard} has ${features} features, the model ${wanted.features}`);
  }
  return { rows, features };
}

/** Collects a shard's messages into its content. */
export class ShardAssembly {
  readonly #wanted: ShardWanted;
  readonly #hash = createHash('sha256');
  #shape: ShardShape | undefined;
  #content = new Uint8Array(0);
  #filled = 0;
  #checked = false;

  constructor(wanted: ShardWanted) {
    this.#wanted = wanted;
  }

  add(message: PullShardResponse): void {
    if (message.header) {
      this.#shape = shapeOf(message, this.#wanted);
      this.#content = new Uint8Array(shardBytes(this.#shape));
    }
    if (message.data?.length) {
      if (this.#filled + message.data.length > this.#content.length)
        throw this.#bad('is longer than announced');
      this.#content.set(message.data, this.#filled);
      this.#filled += message.data.length;
      this.#hash.update(message.data);
    }
    if (message.sha256?.length) {
      if (!this.#hash.digest().equals(message.sha256)) throw this.#bad('has a wrong checksum');
      this.#checked = true;
    }
  }

  rows(): Rows {
    if (!this.#shape || !this.#checked) throw this.#bad('came without its end');
    return rowsFromBytes(this.#content, this.#shape, this.#wanted.classes);
  }

  #bad(what: string): WireError {
    return new WireError(`shard ${this.#wanted.shard} ${what}`);
  }
}
