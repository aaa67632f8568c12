/** How long windows are: a window ends where the expected number of its wrong guesses comes to its risk. */

/** Longer windows mean fewer rounds and more work undone. */
const WINDOW_RISK = 0.7;
/** A round costs the same however many chains share it: with more of them than this, windows are shorter. */
const FEW_CHAINS = 4;

/** @param chains chains of the batch */
export function windowRisk(chains: number): number {
  return WINDOW_RISK * Math.cbrt(FEW_CHAINS / Math.max(FEW_CHAINS, chains));
}
