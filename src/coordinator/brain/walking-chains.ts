/**
 * How many chains of a batch walk at the same time; the others wait for whole sweeps. A window goes through a large part
 * of a chain's rows. Where a thread walks many chains in turn, none of them finds its rows in a near cache; where it walks
 * few, a round carries few windows.
 */

/** Bytes of slots that a thread walks in turn. */
const WALKING_BYTES = 12 * 2 ** 20;

/**
 * @param slotBytes one chain's slot at a worker
 * @param threads of that worker
 */
export function walkingChains(slotBytes: number, threads: number, walkingBytes = WALKING_BYTES): number {
  return threads * Math.max(1, Math.floor(walkingBytes / Math.max(1, slotBytes)));
}
