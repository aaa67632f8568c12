/**
 * The arrays of a run as Zarr v3 knows them: names, dimensions, types, chunks, codecs. Pure.
 *
 * The weights lie in a chunk with the draws innermost: a weight that stays the same over draws is then a run of equal
 * bytes, and half a bit a weight a draw is left on MNIST instead of one and a half.
 */
import type { ChunkSize, RunManifest } from './manifest.js';
import type { Section } from './sections.js';

export type DataType = 'bool' | 'uint8' | 'int32' | 'uint32' | 'int64' | 'float32' | 'float64' | 'string';

export interface ArraySpec {
  readonly group: string;
  readonly name: string;
  readonly dataType: DataType;
  readonly dims: readonly string[];
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  /** What a reader gets where a chunk file is missing; never a value that a draw can have, where there is one. */
  readonly fill: boolean | number | string;
  /** Order of the axes in a chunk, outermost first, where it is not that of `dims`. */
  readonly order?: readonly number[];
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** Kinds of moves, in the order of the dimension `move`. */
export const MOVES = ['flips', 'rows', 'swaps'] as const;

/** Draw numbers in one chunk file of the coordinate `draw`. */
export const DRAW_COORDINATE_CHUNK = 4096;

/** Attribute of arrays over features: where on the picture a feature lies (see static-arrays.ts). */
export const FEATURE_COORDINATES = { coordinates: 'row column' };

/** Where an array lies in the run's folder. */
export function pathOf(spec: Pick<ArraySpec, 'group' | 'name'>): string {
  return `${spec.group}/${spec.name}`;
}

/** File name of a chunk in its array's folder. */
export function chunkName(place: readonly number[]): string {
  return `c.${place.join('.')}`;
}

export function elementBytes(type: Exclude<DataType, 'string'>): number {
  if (type === 'bool' || type === 'uint8') return 1;
  return type.endsWith('64') ? 8 : 4;
}

type DrawArray = Omit<ArraySpec, 'group' | 'shape' | 'chunk' | 'dims'>;

const MOVE_ATTRIBUTES = { description: 'since the chain’s previous draw, by kind of move' };

/** One number a draw. */
export const STATISTICS: readonly DrawArray[] = [
  {
    name: 'lp',
    dataType: 'float64',
    fill: NaN,
    attributes: { units: 'nat', description: 'log-likelihood + log prior' },
  },
  { name: 'log_likelihood', dataType: 'float64', fill: NaN, attributes: { units: 'nat' } },
  {
    name: 'log_lik_q',
    dataType: 'int64',
    fill: 1,
    attributes: { units: '2**-12 nat', description: 'exact' },
  },
  { name: 'beta', dataType: 'float64', fill: NaN, attributes: { description: 'inverse temperature' } },
  {
    name: 'sweep',
    dataType: 'int64',
    fill: -1,
    attributes: { description: 'number of the draw’s last sweep' },
  },
];

/** One number a draw and kind of move. */
export const MOVE_STATISTICS: readonly DrawArray[] = [
  { name: 'acceptance_rate', dataType: 'float32', fill: NaN, attributes: MOVE_ATTRIBUTES },
  { name: 'proposed', dataType: 'int64', fill: -1, attributes: MOVE_ATTRIBUTES },
  { name: 'accepted', dataType: 'int64', fill: -1, attributes: MOVE_ATTRIBUTES },
];

/** Numbers a draw of tempered chains: one a rung, one a pair of neighbouring rungs (named by the lower), or one. */
export const LADDER_STATISTICS: readonly (DrawArray & { readonly per: 'rung' | 'pair' | 'draw' })[] = [
  {
    ...{ name: 'rung_beta', per: 'rung', dataType: 'float64', fill: NaN },
    attributes: { description: 'inverse temperature of each rung of the ladder' },
  },
  {
    ...{ name: 'rung_replica', per: 'rung', dataType: 'int32', fill: -1 },
    attributes: { description: 'replica at each rung; the draw is the state of the last one' },
  },
  {
    ...{ name: 'rung_log_likelihood', per: 'rung', dataType: 'float64', fill: NaN },
    attributes: { units: 'nat', description: 'of the replica at each rung' },
  },
  {
    ...{ name: 'exchange_rejection', per: 'pair', dataType: 'float64', fill: NaN },
    attributes: { description: 'mean probability since the chain’s previous draw, by pair of rungs' },
  },
  {
    ...{ name: 'restarts', per: 'draw', dataType: 'int64', fill: -1 },
    attributes: {
      description: 'replicas that came from the lowest rung to the highest, since sampling began',
    },
  },
  {
    ...{ name: 'round_trips', per: 'draw', dataType: 'int64', fill: -1 },
    attributes: {
      description: 'replicas that came back from there to the lowest rung, since sampling began',
    },
  },
];

/** The weights of `draws` draws a chain of a section. */
export function weightsArray(manifest: RunManifest, section: Section, draws: number): ArraySpec {
  const { chains, features, classes } = manifest.settings;
  const chunk = manifest.chunks.weights;
  return {
    group: section.posterior,
    name: 'w',
    dataType: 'bool',
    dims: ['chain', 'draw', 'feature', 'class'],
    shape: [chains, draws, features, classes],
    chunk: [chunk.chains, chunk.draws, features, classes],
    order: [0, 2, 3, 1],
    fill: false,
    attributes: {
      description: 'weights; logit of class k is the sum of x[feature] w[feature, k]',
      ...FEATURE_COORDINATES,
    },
  };
}

/** The statistics of `draws` draws a chain of a section. */
export function statisticsArrays(manifest: RunManifest, section: Section, draws: number): ArraySpec[] {
  const { chains } = manifest.settings;
  const chunk = manifest.chunks.statistics;
  const base = { group: section.statistics, dims: ['chain', 'draw'], shape: [chains, draws] };
  const size = [chunk.chains, chunk.draws];
  return [
    ...STATISTICS.map((array) => ({ ...base, ...array, chunk: size })),
    ...MOVE_STATISTICS.map((array) => ({
      ...base,
      ...array,
      dims: [...base.dims, 'move'],
      shape: [...base.shape, MOVES.length],
      chunk: [...size, MOVES.length],
    })),
    ...ladderArrays(base, size, manifest.settings.tempering?.replicas ?? 0),
  ];
}

function ladderArrays(
  base: Pick<ArraySpec, 'group' | 'dims' | 'shape'>,
  size: readonly number[],
  replicas: number,
): ArraySpec[] {
  if (replicas === 0) return [];
  return LADDER_STATISTICS.map(({ per, ...array }) => {
    const side = per === 'draw' ? [] : [per === 'rung' ? replicas : replicas - 1];
    const dims = per === 'draw' ? base.dims : [...base.dims, per];
    return { ...base, ...array, dims, shape: [...base.shape, ...side], chunk: [...size, ...side] };
  });
}

/** Coordinate `draw` of a group: 0, 1, 2, ... */
export function drawCoordinate(group: string, draws: number): ArraySpec {
  return {
    ...{ group, name: 'draw', dataType: 'int64', dims: ['draw'], fill: -1 },
    shape: [draws],
    chunk: [DRAW_COORDINATE_CHUNK],
  };
}

/** Which chunk a draw of a chain is in, and where in it. Draws are numbered within their section. */
export function placeOf(
  chunk: ChunkSize,
  chain: number,
  draw: number,
): { group: number; block: number; index: number } {
  const block = Math.floor(draw / chunk.draws);
  const group = Math.floor(chain / chunk.chains);
  return {
    group,
    block,
    index: (chain - group * chunk.chains) * chunk.draws + (draw - block * chunk.draws),
  };
}
