/** What goes wrong in a chaos run, and when: all of it follows from one seed. */
import { uniforms } from '../../support/tiny-models.js';

export type FaultKind = 'kill worker' | 'stop worker' | 'kill coordinator' | 'stop coordinator';

export interface Fault {
  /** Strikes when this part of the run's sweeps is done. */
  readonly at: number;
  readonly kind: FaultKind;
  readonly worker: number;
  /** What was killed is started again after this time; what was stopped is continued. */
  readonly pauseMs: number;
}

/** How many of each, and for how long at most. Silence of 6 s makes a worker count as lost. */
const KINDS: readonly { readonly kind: FaultKind; readonly count: number; readonly mostMs: number }[] = [
  { kind: 'kill worker', count: 10, mostMs: 2_000 },
  { kind: 'stop worker', count: 7, mostMs: 8_500 },
  { kind: 'kill coordinator', count: 4, mostMs: 1_500 },
  { kind: 'stop coordinator', count: 1, mostMs: 3_000 },
];
/** Part of the run after which nothing strikes any more. */
const LAST = 0.92;

/** In the order in which they strike. */
export function faultsOf(seed: number, workers: number): Fault[] {
  const next = uniforms(seed);
  return KINDS.flatMap(({ kind, count, mostMs }) =>
    Array.from({ length: count }, (): Fault => {
      const at = LAST * next();
      return { at, kind, worker: Math.floor(workers * next()), pauseMs: Math.round(mostMs * next()) };
    }),
  ).sort((a, b) => a.at - b.at);
}
