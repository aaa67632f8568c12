/** Pictures made smaller: a pixel is the mean of the area that it covers, parts of pixels by their share. */

export interface Pictures {
  /** In pixels. */
  readonly height: number;
  readonly width: number;
  /** Picture after picture, row after row. */
  readonly values: ArrayLike<number>;
}

/** How much of each old pixel lies in a new one, along one side: shares sum to 1. */
interface Cover {
  readonly first: number;
  readonly shares: readonly number[];
}

function coversOf(length: number, side: number): Cover[] {
  return Array.from({ length: side }, (_, i) => {
    const [from, to] = [(i * length) / side, ((i + 1) * length) / side];
    const first = Math.floor(from);
    const count = Math.min(length, Math.ceil(to)) - first;
    const shares = Array.from({ length: count }, (_, n) => {
      const overlap = Math.min(first + n + 1, to) - Math.max(first + n, from);
      return overlap / (to - from);
    });
    return { first, shares };
  });
}

/** @returns side x side means a picture, in the order of the pictures */
export function areaMeans({ height, width, values }: Pictures, side: number): Float64Array {
  const [down, across] = [coversOf(height, side), coversOf(width, side)];
  const pictures = values.length / (height * width);
  const means = new Float64Array(pictures * side * side);
  let at = 0;
  for (let picture = 0; picture < pictures; picture++) {
    for (const rows of down) {
      for (const columns of across) {
        const corner = (picture * height + rows.first) * width + columns.first;
        means[at++] = meanOf(values, corner, width, rows.shares, columns.shares);
      }
    }
  }
  return means;
}

function meanOf(
  values: ArrayLike<number>,
  corner: number,
  width: number,
  rows: readonly number[],
  columns: readonly number[],
): number {
  let mean = 0;
  for (let r = 0; r < rows.length; r++) {
    for (let c = 0; c < columns.length; c++) {
      mean += rows[r]! * columns[c]! * values[corner + r * width + c]!;
    }
  }
  return mean;
}
