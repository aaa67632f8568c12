/** What online diagnostics cost at MNIST's size: 7,840 weights, 16 chains, 1,000 draws; to be held against a sweep's time. */
import { Judge } from '../src/coordinator/until/judge.js';
import { RunDiagnostics } from '../src/diagnostics/run-diagnostics.js';
import { nextCheckpoint, parseStopRule } from '../src/diagnostics/stop-rule.js';
import { MNIST_CLASSES, MNIST_SIDE } from '../src/data/mnist.js';
import { buildModel } from '../src/posterior/model.js';
import { packRows } from '../src/posterior/rows.js';
import { uniform53 } from '../src/posterior/stream.js';
import { packWeights } from '../src/posterior/weights.js';

const CHAINS = 16;
const DRAWS = 1000;
const FEATURES = MNIST_SIDE ** 2;
const WEIGHTS = FEATURES * MNIST_CLASSES;
const WATCHED = 16;
const BENCH_DOMAIN = 0xbe;

function* uniforms(seed: number): Generator<number, never> {
  for (let i = 0; ; i++) yield uniform53(seed, i, 0, 0, BENCH_DOMAIN) / 2 ** 53;
}

/** A chain's draws: half of the weights never change, the others at rates from once in 10,000 draws to every draw. */
function packedDraws(chain: number): Uint8Array[] {
  const next = uniforms(chain + 1);
  const rates = Float64Array.from({ length: WEIGHTS }, (_, i) => (i & 1 ? 10 ** ((-4 * i) / WEIGHTS) : 0));
  const w = Uint8Array.from(rates, (rate, i) => Number(rate > 0 ? next.next().value < 0.5 : i & 2));
  return Array.from({ length: DRAWS }, () => {
    rates.forEach((rate, i) => {
      if (rate > 0 && next.next().value < rate) w[i]! ^= 1;
    });
    return packWeights(w);
  });
}

function milliseconds(work: () => void): number {
  const { user } = process.cpuUsage();
  work();
  return (process.cpuUsage().user - user) / 1000;
}

function figuresOf(draws: readonly Uint8Array[][]): Record<string, number> {
  const model = buildModel({
    features: FEATURES,
    classes: MNIST_CLASSES,
    lit: new Uint8Array(FEATURES).fill(1),
  });
  const lps = uniforms(99);
  const run = new RunDiagnostics(model, CHAINS);
  const added = milliseconds(() => {
    for (let draw = 0; draw < DRAWS; draw++) {
      draws.forEach((own, chain) => run.add({ chain, draw, packed: own[draw]!, lp: lps.next().value }));
    }
  });
  const next = uniforms(98);
  const lit = Uint8Array.from({ length: WATCHED * FEATURES }, () => Number(next.next().value < 0.17));
  const watched = packRows(lit, FEATURES, new Uint8Array(WATCHED));
  /** Everything that a run with this rule pays, at all counts up to the last draw. */
  const judged = (text: string): number => {
    const judge = new Judge({ rule: parseStopRule(text), model, chains: CHAINS, watched });
    let count = nextCheckpoint(0);
    return milliseconds(() => {
      for (let draw = 0; draw < DRAWS; draw++) {
        draws.forEach((own, chain) => {
          judge.add({ chain, draw, packed: own[draw]!, logLikQ: -Math.floor(4096 * lps.next().value) });
        });
        if (draw + 1 < count) continue;
        judge.verdict();
        count = nextCheckpoint(count);
      }
    });
  };
  const all = CHAINS * DRAWS;
  return {
    diagnostics_add_draw_ms: added / all,
    diagnostics_all_weights_ms: milliseconds(() => void [...run.weights()]),
    diagnostics_lp_ms: milliseconds(() => void run.lp()),
    diagnostics_until_draw_ms: judged('rhat=1.01,ess=400') / all,
    diagnostics_until_mixed_draw_ms: judged('rhat=1.01,ess=400,mixed=0.9') / all,
  };
}

/** Named figures, in milliseconds of processor time; `_draw_` ones are a draw of one chain. */
export function diagnosticsFigures(): Record<string, number> {
  return figuresOf(Array.from({ length: CHAINS }, (_, chain) => packedDraws(chain)));
}
