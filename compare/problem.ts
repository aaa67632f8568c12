/** What is compared: data and a model that every peer gets in the same words. */
import { type KnownData, loadDataSet } from '../src/data/load.js';
import { buildModel, type Model } from '../src/posterior/model.js';
import { isLit, litFeatures, type Rows } from '../src/posterior/rows.js';

export interface Problem {
  readonly name: string;
  readonly rows: Rows;
  readonly model: Model;
  /** Prior probability that a weight is 1. */
  readonly pi: number;
}

/** A row of bits a row of data, N x D. */
export function denseBits({ rows }: Pick<Problem, 'rows'>): Uint8Array {
  const { count, features } = rows;
  return Uint8Array.from({ length: count * features }, (_, i) =>
    Number(isLit(rows, Math.floor(i / features), i % features)),
  );
}

/** The first rows of a known data set under a prior of one half. */
export async function knownProblem(source: KnownData, images: number): Promise<Problem> {
  const { rows, classes, grid } = await loadDataSet({ source, images });
  const pi = 0.5;
  const model = buildModel({ features: rows.features, classes, grid, pi, lit: litFeatures(rows) });
  return { name: `${source}, ${images.toLocaleString('en-US')} rows`, rows, model, pi };
}
