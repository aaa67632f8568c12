/** Jobs walked side by side: each stops where it needs sums, and those that need the same ones get them together. */

/** What a job waits for; jobs with equal keys are served at once. */
export interface Wanted {
  readonly key: string;
}

/**
 * Runs walks to their ends.
 * @param serve gives walks with the same key what they wait for
 * @returns their results, in the order of the walks
 */
export function lockstep<W extends Wanted, R>(
  walks: readonly Generator<W, R, void>[],
  serve: (wanted: readonly W[]) => void,
): R[] {
  const results: R[] = [];
  let waiting: { readonly index: number; readonly wanted: W }[] = [];
  const advance = (index: number): void => {
    const step = walks[index]!.next();
    if (step.done) results[index] = step.value;
    else waiting.push({ index, wanted: step.value });
  };
  walks.forEach((_, index) => advance(index));
  while (waiting.length > 0) {
    const { key } = waiting[0]!.wanted;
    const served = waiting.filter(({ wanted }) => wanted.key === key);
    waiting = waiting.filter(({ wanted }) => wanted.key !== key);
    serve(served.map(({ wanted }) => wanted));
    for (const { index } of served) advance(index);
  }
  return results;
}
