/**
 * The zarr.json files of a run. Pure.
 *
 * The root's zarr.json carries the metadata of everything below it, so that the number of draws of all arrays changes in
 * one step, by the renaming of one file. Each group's zarr.json does the same for the group, for readers that open just
 * that. An array's own zarr.json is written when writing ends; before that it tells of fewer draws than there are.
 */
import { crc32 } from 'node:zlib';
import type { ArraySpec } from './arrays.js';
import { pathOf } from './arrays.js';
import { damaged } from './files.js';
import { lengthIn, type Section } from './sections.js';

export type RunStatus = 'running' | 'stopped' | 'finished';

/** What the root's zarr.json says beside the shapes. */
export interface Progress {
  readonly status: RunStatus;
  /** Records of each chain in the arrays' chunk files; readers see as many of each as the chain with the fewest has. */
  readonly stored: readonly number[];
  /** Why the run ended, where a rule decided. */
  readonly reason?: string;
}

type Attributes = Readonly<Record<string, unknown>>;

/** What the draws of a run are told as. */
export interface RootSpec {
  readonly attributes: Attributes;
  readonly sections: readonly Section[];
}

export interface GroupSpec {
  readonly name: string;
  readonly attributes: Attributes;
  readonly arrays: readonly ArraySpec[];
}

function fillJson(spec: ArraySpec): unknown {
  return typeof spec.fill === 'number' && Number.isNaN(spec.fill) ? 'NaN' : spec.fill;
}

function codecsOf(spec: ArraySpec): object[] {
  const order = spec.order ? [{ name: 'transpose', configuration: { order: spec.order } }] : [];
  const bytes =
    spec.dataType === 'string'
      ? { name: 'vlen-utf8', configuration: {} }
      : { name: 'bytes', configuration: { endian: 'little' } };
  const packed = [{ name: 'zstd', configuration: { level: 9, checksum: false } }, { name: 'crc32c' }];
  return [...order, bytes, ...packed];
}

export function arrayJson(spec: ArraySpec): object {
  return {
    zarr_format: 3,
    node_type: 'array',
    shape: spec.shape,
    data_type: spec.dataType,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: spec.chunk } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '.' } },
    fill_value: fillJson(spec),
    codecs: codecsOf(spec),
    attributes: spec.attributes ?? {},
    dimension_names: spec.dims,
    storage_transformers: [],
  };
}

function consolidated(metadata: Record<string, unknown>): object {
  return { kind: 'inline', must_understand: false, metadata };
}

export function groupJson(group: GroupSpec): object {
  return {
    zarr_format: 3,
    node_type: 'group',
    attributes: group.attributes,
    consolidated_metadata: consolidated(
      Object.fromEntries(group.arrays.map((spec) => [spec.name, arrayJson(spec)])),
    ),
  };
}

/** The root's zarr.json; its attribute `checksum` covers all of the rest. */
export function rootJson(
  { attributes, sections }: RootSpec,
  progress: Progress,
  groups: readonly GroupSpec[],
): object {
  const metadata: Record<string, unknown> = {};
  for (const group of groups) {
    metadata[group.name] = { zarr_format: 3, node_type: 'group', attributes: group.attributes };
    for (const spec of group.arrays) metadata[pathOf(spec)] = arrayJson(spec);
  }
  const { status, stored, reason } = progress;
  const lengths = sections.map((section) => [
    section.stored,
    stored.map((records) => lengthIn(section, records)),
  ]);
  const own = {
    ...{ ...attributes, status, ...Object.fromEntries(lengths) },
    ...(reason ? { ended_because: reason } : {}),
  };
  const document = { zarr_format: 3, node_type: 'group', consolidated_metadata: consolidated(metadata) };
  return { ...document, attributes: { ...own, checksum: checksum(document, own) } };
}

function checksum(document: object, attributes: object): string {
  return crc32(JSON.stringify([document, attributes]))
    .toString(16)
    .padStart(8, '0');
}

/** Reads a root zarr.json. @param sections of its run @throws InputError naming the file when any of it has changed */
export function readProgress(bytes: Uint8Array, path: string, sections: readonly Section[]): Progress {
  let root: Record<string, unknown>;
  try {
    root = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
  } catch {
    throw damaged(path, 'not JSON');
  }
  const { attributes, ...document } = root;
  if (typeof attributes !== 'object' || attributes === null) throw damaged(path, 'no attributes');
  const { checksum: told, ...own } = attributes as Record<string, unknown>;
  if (told !== checksum(document, own)) throw damaged(path, 'wrong checksum');
  const reason = own.ended_because as string | undefined;
  const lengths = sections.map((section) => own[section.stored] as number[]);
  return {
    status: own.status as RunStatus,
    stored: lengths[0]!.map((_, chain) => lengths.reduce((sum, length) => sum + length[chain]!, 0)),
    ...(reason ? { reason } : {}),
  };
}
