/** What diagnostics say in plain words. Nothing here ever says that a run has converged: no diagnostic can. */
import { type Estimate, LEAST_DRAWS } from './scalar.js';
import { type ClassCounts, type Limits, USUAL_LIMITS } from './weight-class.js';

export interface DiagnosedRun {
  readonly chains: number;
  /** Draws a chain. */
  readonly draws: number;
  readonly lp: Estimate;
  readonly lpOfChains: readonly Float64Array[];
  readonly classes: ClassCounts;
}

export function groupedInteger(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

const weights = (count: number): string => `${groupedInteger(count)} weight${count === 1 ? '' : 's'}`;

/** By how much the mean lp of the last half of the draws is above that of the first, over all chains, and its spread. */
function riseOf(lpOfChains: readonly Float64Array[]): { readonly rise: number; readonly rising: number } {
  const rises = lpOfChains.map((lp) => {
    const half = lp.length >> 1;
    const mean = (values: Float64Array): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    return mean(lp.subarray(lp.length - half)) - mean(lp.subarray(0, half));
  });
  const rise = rises.reduce((sum, value) => sum + value, 0) / rises.length;
  return { rise, rising: rises.filter((value) => value > 0).length };
}

function lpWarnings({ chains, draws, lp, lpOfChains }: DiagnosedRun, limits: Limits): string[] {
  const found: string[] = [];
  if (lp.sd === 0) return ['lp is the same at every draw: nothing moved'];
  if (chains > 1 && !(lp.rhat <= limits.rhat)) {
    const rhat = Number.isFinite(lp.rhat) ? lp.rhat.toFixed(3) : 'infinite';
    found.push(`R-hat of lp is ${rhat}, above ${limits.rhat}: the chains have not mixed`);
  }
  if (lp.essBulk < limits.ess) {
    found.push(
      `lp has an effective size of ${groupedInteger(lp.essBulk)} in ${groupedInteger(chains * draws)} draws, below ${limits.ess}`,
    );
  }
  const { rise, rising } = riseOf(lpOfChains);
  if (rising >= 0.75 * chains && rise > lp.sd) {
    found.push(
      `lp still rises, by ${rise.toFixed(1)} nat between the halves of the draws: a longer warm-up is needed`,
    );
  }
  return found;
}

function stickyWarning(count: number, { rhat, ess }: Limits): string {
  const verb = count === 1 ? 'moves but has' : 'move but have';
  return `${weights(count)} ${verb} an effective size below ${ess} or an R-hat above ${rhat}: not to be trusted yet`;
}

/** One sentence a concern; none does not mean that there is none to have. */
export function warningsOf(run: DiagnosedRun, limits: Limits = USUAL_LIMITS): string[] {
  const { chains, draws, classes } = run;
  if (draws < LEAST_DRAWS) {
    return [`${draws} draws a chain are too few to judge anything: ${LEAST_DRAWS} are the least`];
  }
  return [
    ...(chains === 1 ? ['one chain can not show whether others would agree with it: run several'] : []),
    ...lpWarnings(run, limits),
    ...(classes.disagreed ? [`chains disagree on ${weights(classes.disagreed)}: not converged`] : []),
    ...(classes.sticky ? [stickyWarning(classes.sticky, limits)] : []),
  ];
}

/** What frozen weights that agree may mean. */
export function agreedRemark(classes: ClassCounts): string | undefined {
  if (classes.agreed === 0) return undefined;
  const never = classes.agreed === 1 ? 'never changed and is' : 'never changed and are';
  return `${weights(classes.agreed)} ${never} alike in all chains: certain, or out of every chain's reach; draws can't tell which`;
}
