/** The arrays that are written once, when a run begins: coordinates, constant and observed data. Each is one chunk. */
import { NAT_Q } from '../posterior/grid.js';
import { BETA_ONE_Q } from '../posterior/threshold.js';
import { isLit } from '../posterior/rows.js';
import type { ArraySpec, DataType } from './arrays.js';
import { FEATURE_COORDINATES, MOVES } from './arrays.js';
import type { RunSpec } from './manifest.js';
import { sectionsOf } from './sections.js';

export interface StaticArray {
  readonly spec: ArraySpec;
  /** Uncompressed bytes of its one chunk. */
  readonly raw: Uint8Array;
}

type Numbers = Exclude<DataType, 'string'>;

function bytesOf(type: Numbers, values: ArrayLike<number>): Uint8Array {
  if (type === 'bool' || type === 'uint8') return Uint8Array.from(values);
  if (type === 'int64') return new Uint8Array(BigInt64Array.from(values as number[], BigInt).buffer);
  const types = { int32: Int32Array, uint32: Uint32Array, float32: Float32Array, float64: Float64Array };
  return new Uint8Array(types[type].from(values).buffer);
}

/** Strings as the codec vlen-utf8 lays them out: their number, then each with its length in bytes before it. */
function bytesOfStrings(values: readonly string[]): Uint8Array {
  const length = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const texts = values.map((value) => Buffer.from(value));
  return Buffer.concat([length(values.length), ...texts.flatMap((text) => [length(text.length), text])]);
}

interface Parts {
  readonly name: string;
  readonly type: Numbers;
  readonly dims: readonly string[];
  readonly shape: readonly number[];
  readonly attributes?: ArraySpec['attributes'];
}

function numbers(group: string, parts: Parts, values: ArrayLike<number>): StaticArray {
  const { name, type, dims, shape, attributes = {} } = parts;
  const fill = type === 'bool' ? false : 0;
  const spec = { group, name, dataType: type, dims, shape, chunk: shape, fill, attributes };
  return { spec, raw: bytesOf(type, values) };
}

function strings(group: string, name: string, values: readonly string[]): StaticArray {
  const shape = [values.length];
  return {
    spec: { group, name, dataType: 'string', dims: [name], shape, chunk: shape, fill: '' },
    raw: bytesOfStrings(values),
  };
}

const upTo = (length: number): number[] => Array.from({ length }, (_, i) => i);

function index(group: string, name: string, values: readonly number[], dim = name): StaticArray {
  return numbers(group, { name, type: 'int64', dims: [dim], shape: [values.length] }, values);
}

/** Coordinates of features and classes. Classes are called by their names; features also by their pixel. */
function weightCoordinates(group: string, spec: RunSpec): StaticArray[] {
  const { features, classes, grid } = spec.model;
  const { classNames } = spec.data;
  const numeric =
    classNames.length === classes && classNames.every((name) => /^(0|[1-9]\d{0,8})$/.test(name));
  const pixels = upTo(features);
  return [
    index(group, 'feature', pixels),
    index(
      group,
      'row',
      pixels.map((j) => Math.floor(j / grid.columns)),
      'feature',
    ),
    index(
      group,
      'column',
      pixels.map((j) => j % grid.columns),
      'feature',
    ),
    numeric || classNames.length !== classes
      ? index(group, 'class', numeric ? classNames.map(Number) : upTo(classes))
      : strings(group, 'class', classNames),
  ];
}

function constantData(spec: RunSpec): StaticArray[] {
  const { features, classes, priorQ, lit } = spec.model;
  const { warmupBetasQ } = spec.plan;
  const group = 'constant_data';
  const attributes = FEATURE_COORDINATES;
  const prior = { name: 'prior_log_odds', type: 'float64', shape: [features, classes] } as const;
  const lights = { name: 'lit', type: 'bool', dims: ['feature'], shape: [features], attributes } as const;
  const warmup = { name: 'warmup_beta', type: 'float64', dims: ['warmup_sweep'] } as const;
  const shape = [warmupBetasQ.length];
  return [
    ...weightCoordinates(group, spec),
    numbers(
      group,
      { ...prior, dims: ['feature', 'class'], attributes },
      Float64Array.from(priorQ, (q) => q / NAT_Q),
    ),
    numbers(group, lights, lit),
    // A dimension without length would be one that not every reader takes.
    ...(shape[0]! > 0
      ? [
          numbers(
            group,
            { ...warmup, shape },
            Float64Array.from(warmupBetasQ, (q) => q / BETA_ONE_Q),
          ),
        ]
      : []),
  ];
}

function observedData(spec: RunSpec): StaticArray[] {
  const { count, labels, weights } = spec.data.rows;
  const dims = ['observation'];
  const group = 'observed_data';
  const y = numbers(group, { name: 'y', type: 'uint8', dims, shape: [count] }, labels.subarray(0, count));
  if (weights.every((weight) => weight === 1)) return [y];
  return [y, numbers(group, { name: 'weight', type: 'uint32', dims, shape: [count] }, weights)];
}

/** Held-out rows that only this run knows, see read-test.ts. */
function testData({ data, model }: RunSpec): StaticArray[] {
  const { ownTest: rows } = data;
  if (!rows) return [];
  const group = 'constant_data';
  const { features } = model;
  const [row, shape] = [['test_row'], [rows.count]];
  const lit = Uint8Array.from({ length: rows.count * features }, (_, i) =>
    Number(isLit(rows, Math.floor(i / features), i % features)),
  );
  return [
    numbers(
      group,
      { name: 'test_x', type: 'bool', dims: [...row, 'feature'], shape: [rows.count, features] },
      lit,
    ),
    numbers(group, { name: 'test_y', type: 'uint8', dims: row, shape }, rows.labels),
    numbers(group, { name: 'test_weight', type: 'uint32', dims: row, shape }, rows.weights),
  ];
}

function ladderCoordinates(group: string, { plan }: RunSpec): StaticArray[] {
  if (!plan.tempering) return [];
  const { replicas } = plan.tempering;
  return [index(group, 'rung', upTo(replicas)), index(group, 'pair', upTo(replicas - 1))];
}

/** All of them; only the specification of the run is needed, so that a run cut off while it began can be completed. */
export function staticArrays(spec: RunSpec): StaticArray[] {
  const chains = upTo(spec.plan.chains);
  return [
    ...sectionsOf(spec.plan).flatMap(({ posterior, statistics }) => [
      index(posterior, 'chain', chains),
      ...weightCoordinates(posterior, spec),
      index(statistics, 'chain', chains),
      strings(statistics, 'move', MOVES),
      ...ladderCoordinates(statistics, spec),
    ]),
    ...constantData(spec),
    ...testData(spec),
    ...observedData(spec),
  ];
}
