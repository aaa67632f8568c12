/** The log evidence of small models against enumeration, and what ladders tell. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LadderDiagnostics, ladderWarnings } from '../../../src/diagnostics/ladder.js';
import { temperedPlan } from '../../../src/sampler/tempering/tempering.js';
import { sampleSerially } from '../../../src/sampler/serial.js';
import { exactPosterior, freeWeights, stateNumber } from '../../support/enumeration.js';
import { WASM } from '../../support/kernels.js';
import { ruleOf, tinyModel, type TinySpec } from '../../support/tiny-models.js';

const MODELS: Readonly<Record<string, TinySpec & { readonly pi?: number }>> = {
  '16 bits, pi .5': { features: 8, classes: 2, rows: 25, seed: 21, grid: { rows: 2, columns: 4 } },
  '9 bits, pinned, pi .2': {
    ...{ features: 9, classes: 2, rows: 30, seed: 22, pinned: true, pi: 0.2, grid: { rows: 3, columns: 3 } },
  },
  '12 bits, weights': {
    features: 4,
    classes: 3,
    rows: 10,
    seed: 26,
    maxWeight: 5,
    grid: { rows: 2, columns: 2 },
  },
};
const CHAINS = 8;
/** Standard errors; with 7 degrees of freedom, |t| is beyond it once in 150 models. */
const BOUND = 3.8;

/** log of the sum over all states of prior times likelihood, by importance of the exact posterior. */
function exactLogEvidence(spec: TinySpec & { readonly pi?: number }): number {
  const { model, rows } = tinyModel(spec);
  const { pi = 0.5 } = spec;
  const { probabilities, logLik } = exactPosterior(model, rows, () => pi);
  const free = freeWeights(model);
  // Bayes' rule at one state: evidence = prior x likelihood / posterior.
  const w = new Uint8Array(model.features * model.classes);
  const state = stateNumber(free, w);
  return free.length * Math.log(1 - pi) + logLik[state]! - Math.log(probabilities[state]!);
}

function diagnose(spec: TinySpec, draws: number): LadderDiagnostics {
  const { model, rows } = tinyModel(spec);
  const rule = ruleOf(model, spec.seed);
  const tempering = { replicas: 5, betaMin: 0, exchangeEvery: 1 };
  const plan = temperedPlan({ chains: CHAINS, draws, thin: 1 }, { sweeps: 200 }, tempering);
  const kernel = WASM.make(rule);
  const diagnostics = new LadderDiagnostics(CHAINS, 5);
  for (const event of sampleSerially({ kernel, rule, plan, shards: [rows] })) {
    if (event.kind === 'draw') diagnostics.add(event.chain, event.ladder!);
  }
  kernel.dispose();
  return diagnostics;
}

describe('the log evidence by stepping stones is the enumerated one', () => {
  for (const [name, spec] of Object.entries(MODELS)) {
    it(name, () => {
      const { logEvidence } = diagnose(spec, 2000).figures;
      const gap = Math.abs(logEvidence.value - exactLogEvidence(spec)) / logEvidence.error;
      assert(
        gap < BOUND,
        `${gap} errors: ${logEvidence.value} ± ${logEvidence.error}, ${exactLogEvidence(spec)}`,
      );
      // An error that says nothing would let everything pass.
      assert(logEvidence.error < 0.05, `an error of ${logEvidence.error} nat`);
    });
  }
});

describe('a ladder', () => {
  it('has rising betas and log-likelihoods, and its barrier is the sum of its rejections', () => {
    const figures = diagnose(MODELS['16 bits, pi .5']!, 500).figures;
    const { rungs, barrier, restarts, roundTrips } = figures;
    rungs.forEach(({ beta, logLik }, i) => {
      if (i > 0) assert(beta > rungs[i - 1]!.beta && logLik > rungs[i - 1]!.logLik, `rung ${i}`);
    });
    assert(Number.isNaN(rungs.at(-1)!.rejection));
    const sum = rungs.slice(0, -1).reduce((total, { rejection }) => total + rejection, 0);
    assert.equal(barrier, sum);
    restarts.forEach((count, chain) => assert(count > 20 && Math.abs(count - roundTrips[chain]!) <= 5));
    assert.deepEqual(ladderWarnings(figures), []);
  });

  it('tells the way of a replica, at some draws of a long run', () => {
    const { path } = diagnose(MODELS['16 bits, pi .5']!, 3000).figures;
    assert(path.length >= 600 && path.length < 1200, `${path.length} points`);
    const [first, second] = path;
    path.forEach(({ draw, rung }, i) => {
      assert.equal(draw, i * (second!.draw - first!.draw));
      assert(rung >= 0 && rung < 5);
    });
    assert.deepEqual(new Set(path.map(({ rung }) => rung)), new Set([0, 1, 2, 3, 4]));
  });

  it('that no replica climbs is warned of', () => {
    const figures = diagnose(MODELS['16 bits, pi .5']!, 20).figures;
    const [warning] = ladderWarnings({ ...figures, restarts: [0, 3, 0] });
    assert.match(warning!, /^in 2 of 3 chains no replica came from the lowest rung/);
  });
});
