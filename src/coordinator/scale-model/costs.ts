/** What things cost in a simulated cluster. Times are ms, sizes bytes. */
export interface CostModel {
  /** A sweep of one chain over all data on one thread, as measured. */
  readonly sweepMs: number;
  /** A worker's own time for each job of a message, beside the walk. */
  readonly jobMs: number;
  /** A message's way between coordinator and worker and back, without its bytes. */
  readonly latencyMs: number;
  /** What the coordinator's network carries in each direction, in bytes a ms. */
  readonly bytesPerMs: number;
  /** The coordinator's own time for each message it sends or gets, and for each shared site it guesses and decides. */
  readonly messageMs: number;
  readonly siteMs: number;
  /** Chance that a guess at a shared flip, or at an open or mixed swap, is wrong. */
  readonly wrongFlips: number;
  readonly wrongSwaps: number;
}

/**
 * Fitted to full MNIST at an annealed state on a virtual machine of 2 cores, 8 chains over two workers (bench/workers.ts):
 * a window costs a thread this much beside the walk, for its share of a message, for taking back what came after a wrong
 * guess, and for fetching the chain's table into the cache again.
 * The network is one of 10 Gbit/s, .3 ms there and back.
 */
export const USUAL_COSTS: Omit<CostModel, 'sweepMs' | 'wrongFlips' | 'wrongSwaps'> = {
  ...{ jobMs: 0.11, latencyMs: 0.3, bytesPerMs: 1.25e6 },
  ...{ messageMs: 0.05, siteMs: 0.0003 },
};
