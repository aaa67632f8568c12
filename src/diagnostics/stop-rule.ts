/**
 * When a run has draws enough: a pure rule over its diagnostics, asked at fixed draw counts only, so that where a run
 * stops never depends on how fast its workers were.
 */
import { InputError } from '../posterior/model.js';
import type { Estimate } from './scalar.js';
import { type ClassCounts, isWithin, type Limits } from './weight-class.js';

export interface StopRule {
  /** R-hat of every watched quantity at most this; absent: not asked for. */
  readonly rhat?: number;
  /** Bulk and tail effective sizes of every watched quantity at least this. */
  readonly ess?: number;
  /** Share of the free weights that are mixed at least this. */
  readonly mixed?: number;
}

/** What is asked about at a checkpoint. */
export interface StopEvidence {
  /** Draws a chain. */
  readonly draws: number;
  readonly chains: number;
  /** lp and whatever else is watched, by name. */
  readonly quantities: ReadonlyMap<string, Estimate>;
  /** Classes of the weights; asked for only where the rule has a share. */
  readonly classes: () => ClassCounts;
}

export interface StopVerdict {
  readonly stop: boolean;
  /** One line that says what was found and what was asked for. */
  readonly reason: string;
}

const EXAMPLE = 'as rhat=1.01,ess=400 or rhat=1.01,ess=400,mixed=0.9';

const RANGES: Readonly<Record<keyof StopRule, readonly [(value: number) => boolean, string]>> = {
  rhat: [(value) => value > 1, 'above 1'],
  ess: [(value) => value > 0, 'above 0'],
  mixed: [(value) => value > 0 && value <= 1, 'above 0 and at most 1'],
};

/** Reads `rhat=1.01,ess=400,mixed=0.9`; each part once, at least one. @throws InputError */
export function parseStopRule(text: string): StopRule {
  const rule: Partial<Record<keyof StopRule, number>> = {};
  for (const part of text.split(',')) {
    const [name = '', written = '', ...rest] = part.split('=').map((word) => word.trim());
    if (!Object.hasOwn(RANGES, name) || rest.length > 0) {
      throw new InputError(`stop rule: '${part.trim()}' must be one of rhat=, ess=, mixed=, ${EXAMPLE}`);
    }
    const key = name as keyof StopRule;
    const [isFitting, range] = RANGES[key];
    const value = written === '' ? NaN : Number(written);
    if (!Number.isFinite(value) || !isFitting(value)) {
      throw new InputError(`stop rule: ${key} must be a number ${range}, got '${written}'`);
    }
    if (rule[key] !== undefined) throw new InputError(`stop rule: ${key} is given twice`);
    rule[key] = value;
  }
  return rule;
}

export function stopRuleText(rule: StopRule): string {
  return Object.entries(rule)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

const FIRST_CHECK = 20;
const GROWTH = 1.2;

/** The next draw count at which a rule is asked: 20, 30, 40, 50, 60, 80, 100, 120, 150, .. */
export function nextCheckpoint(draws: number): number {
  if (draws < FIRST_CHECK) return FIRST_CHECK;
  return 10 * Math.max(Math.floor(draws / 10) + 1, Math.floor((draws * GROWTH) / 10));
}

/** The figures of a quantity that is the same at every draw of every chain: there is nothing to estimate. */
function isConstant(figures: Estimate): boolean {
  return figures.sd === 0;
}

interface Extremes {
  readonly rhat: number;
  readonly ess: number;
}

/** Worst figures; a quantity without an R-hat, though it moves, has an infinite one. */
function extremesOf(estimates: readonly Estimate[], chains: number): Extremes {
  const rhats = estimates.map(({ rhat }) => (chains === 1 ? 1 : Number.isNaN(rhat) ? Infinity : rhat));
  const sizes = estimates.map(({ essBulk, essTail }) => Math.min(essBulk, essTail) || 0);
  return { rhat: Math.max(...rhats), ess: Math.min(...sizes) };
}

function figuresText(name: string, { rhat, ess }: Extremes, chains: number): string {
  const size = `effective size ${Math.floor(ess)}`;
  return chains === 1 ? `${name} ${size}` : `${name} R-hat ${rhat.toFixed(4)}, ${size}`;
}

/**
 * Whether to stop. Quantities that never changed are left out, except lp: a run whose lp never changes is not one to stop.
 * With one chain there is no R-hat, and a rule that asks for one is never met.
 */
export function judge(rule: StopRule, evidence: StopEvidence): StopVerdict {
  const { chains, draws, quantities } = evidence;
  const lp = quantities.get('lp')!;
  const others = [...quantities].filter(([name, figures]) => name !== 'lp' && !isConstant(figures));
  const limits: Limits = { rhat: rule.rhat ?? Infinity, ess: rule.ess ?? 0 };
  const groups = [
    { name: 'lp', worst: extremesOf([lp], chains) },
    ...(others.length > 0
      ? [
          {
            name: `worst of ${others.length} others`,
            worst: extremesOf(
              others.map(([, figures]) => figures),
              chains,
            ),
          },
        ]
      : []),
  ];
  const found = groups.map(({ name, worst }) => figuresText(name, worst, chains));
  let stop = !isConstant(lp) && (chains > 1 || rule.rhat === undefined);
  stop &&= groups.every(({ worst }) => isWithin(limits, chains, { rhat: worst.rhat, essBulk: worst.ess }));
  if (rule.mixed !== undefined) {
    const classes = evidence.classes();
    const share = classes.mixed / Object.values(classes).reduce((sum, count) => sum + count, 0);
    found.push(`${(100 * share).toFixed(1)} % of the weights mixed`);
    stop &&= share >= rule.mixed;
  }
  const verdict = stop ? 'met' : 'not met';
  return { stop, reason: `${stopRuleText(rule)} ${verdict} at ${draws} draws a chain: ${found.join('; ')}` };
}
