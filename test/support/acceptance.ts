/** How likely a decision is: which of the 2^53 uniforms take it. */

const COUNT = 2 ** 53;

/**
 * Share of the uniforms that take a move, by bisection.
 * @param taken whether a uniform of 53 bits takes it; uniforms up to some bound do, those above don't
 */
export function takenShare(taken: (bits: number) => boolean): number {
  let low = 0;
  let high = COUNT;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (taken(middle)) low = middle + 1;
    else high = middle;
  }
  return low / COUNT;
}
