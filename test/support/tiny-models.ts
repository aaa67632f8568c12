/** Small models and data, made from a seed. */
import type { ChainRule } from '../../src/kernel/kernel.js';
import { buildModel, type FeatureGrid, type Model } from '../../src/posterior/model.js';
import { litFeatures, packRows, type Rows } from '../../src/posterior/rows.js';
import { uniform53 } from '../../src/posterior/stream.js';
import { ALL_MOVES, type Moves } from '../../src/sampler/sites.js';

/** A stream for making test data, apart from every stream of the sampler. */
const DATA_DOMAIN = 0x7e57;

/** Uniform numbers in [0, 1), one after the other. */
export function uniforms(seed: number): () => number {
  let index = 0;
  return () => uniform53(seed, index++, 0, 0, DATA_DOMAIN) / 2 ** 53;
}

export interface TinySpec {
  readonly features: number;
  readonly classes: number;
  readonly rows: number;
  readonly seed: number;
  readonly pinned?: boolean;
  readonly pi?: number | readonly number[];
  readonly grid?: FeatureGrid;
  /** Chance that a row lights a feature: one, or one a feature; by default .5. */
  readonly litChance?: number | readonly number[];
  /** Largest row weight; weights are uniform from 1 to it. By default 1. */
  readonly maxWeight?: number;
  /** Chance that a label is drawn from random weights rather than uniformly; by default 1. */
  readonly signal?: number;
}

export interface TinyModel {
  readonly model: Model;
  readonly rows: Rows;
}

/** Rows with labels drawn from the model at some random weights (or, without signal, uniformly). */
export function tinyModel(spec: TinySpec): TinyModel {
  const { features, classes } = spec;
  const next = uniforms(spec.seed);
  const truth = Array.from({ length: features * classes }, () => next() < 0.5);
  const dense: number[] = [];
  const labels: number[] = [];
  const weights: number[] = [];
  for (let n = 0; n < spec.rows; n++) {
    const chance = (j: number): number => litChanceOf(spec, j);
    const x = Array.from({ length: features }, (_, j) => Number(next() < chance(j)));
    const z = Array.from({ length: classes }, (_, k) =>
      x.reduce((sum, lit, j) => sum + (truth[j * classes + k] ? lit : 0), 0),
    );
    const informed = next() < (spec.signal ?? 1);
    labels.push(pick(informed ? z.map(Math.exp) : z.map(() => 1), next()));
    weights.push(1 + Math.floor(next() * (spec.maxWeight ?? 1)));
    dense.push(...x);
  }
  const rows = packRows(dense, features, labels, weights);
  return { model: modelOf(spec, rows), rows };
}

function litChanceOf({ litChance = 0.5 }: TinySpec, j: number): number {
  return typeof litChance === 'number' ? litChance : litChance[j]!;
}

function pick(masses: readonly number[], u: number): number {
  let left = u * masses.reduce((sum, mass) => sum + mass, 0);
  const found = masses.findIndex((mass) => (left -= mass) < 0);
  return found < 0 ? masses.length - 1 : found;
}

function modelOf(spec: TinySpec, rows: Rows): Model {
  const { features, classes, pinned, pi, grid } = spec;
  return buildModel({
    ...{ features, classes, lit: litFeatures(rows) },
    ...(pinned === undefined ? {} : { pinned }),
    ...(pi === undefined ? {} : { pi }),
    ...(grid === undefined ? {} : { grid }),
  });
}

export function ruleOf(model: Model, seed: number, moves: Moves = ALL_MOVES): ChainRule {
  return { model, moves, seed };
}
