/**
 * What a sweep of a spread chain costs, estimated without running one. The rates were measured on full MNIST at an
 * annealed state, beta 1, for 2 to 16 shards (bench/rounds.ts); other data, and hot chains above all, have others.
 */
import { windowRisk } from '../brain/window-risk.js';
import type { PlacementSummary } from './summary.js';

/** Wrong guesses for each shared site of a sweep with 4 members; the more there are, the rarer features are shared. */
const WRONG_FLIPS = 0.0141;
const WRONG_SWAPS = 0.0079;
const WITH_MEMBERS = 4;

/** Chances that the guess at a shared flip, and at a swap that is proposed, is wrong. */
export function wrongChances(members: number): { readonly wrongFlips: number; readonly wrongSwaps: number } {
  const factor = Math.cbrt(members / WITH_MEMBERS);
  return { wrongFlips: WRONG_FLIPS * factor, wrongSwaps: (WRONG_SWAPS * factor) / OPEN_SWAPS };
}

/** Swaps of two shared features whose bits differ: only they are proposed. */
const OPEN_SWAPS = 0.45;

/** Bytes of a window beside its partials and guesses: heads of messages, positions, numbers. */
const WINDOW_BYTES = 40;
const PARTIAL_BYTES = 4;

export interface Forecast {
  readonly wrongGuesses: number;
  readonly rounds: number;
  /** Sweeps walked for a sweep done. */
  readonly work: number;
  /** Between the coordinator and all members. */
  readonly bytesToMembers: number;
  readonly bytesFromMembers: number;
}

/**
 * A sweep of one chain.
 * @param chainsInBatch chains that share a round
 */
export function forecastSweep(summary: PlacementSummary, chainsInBatch: number): Forecast {
  const { shards, sharedFlips, sharedSwaps, mixedSwaps } = summary;
  const members = shards.length;
  if (members === 1) return { wrongGuesses: 0, rounds: 0, work: 1, bytesToMembers: 0, bytesFromMembers: 0 };
  const risk = windowRisk(chainsInBatch);
  const { wrongFlips, wrongSwaps } = wrongChances(members);
  const wrongGuesses = wrongFlips * sharedFlips + wrongSwaps * OPEN_SWAPS * (sharedSwaps + mixedSwaps);
  const rounds = Math.max(1, wrongGuesses * roundsAWrongGuess(risk));
  const work = workAt(risk);
  const partials = work * (sharedFlips + OPEN_SWAPS * sharedSwaps + mixedSwaps);
  return {
    ...{ wrongGuesses, rounds, work },
    bytesToMembers: members * (rounds * WINDOW_BYTES + partials / 8),
    bytesFromMembers: members * (rounds * WINDOW_BYTES + partials * PARTIAL_BYTES),
  };
}

/** Fits of what was measured at window risks of 0.3, 0.45 and 0.7. */
function roundsAWrongGuess(risk: number): number {
  return 0.83 + 0.47 / risk;
}

function workAt(risk: number): number {
  return 1 + 0.5 * risk;
}
