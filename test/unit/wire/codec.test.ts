import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { BrainCommand, Walk, Walked } from '../../../src/coordinator/brain/messages.js';
import type { SlotReport, WalkJob, WalkResult } from '../../../src/kernel/kernel.js';
import { WireError } from '../../../src/wire/check.js';
import { decodeAnswer, encodeAnswer, type WorkerAnswer } from '../../../src/wire/codec/answer.js';
import { decodeCommand, encodeCommand, type WorkerCommand } from '../../../src/wire/codec/command.js';
import { decodeHello, encodeHello } from '../../../src/wire/codec/hello.js';
import { decodeWelcome, encodeWelcome } from '../../../src/wire/codec/rule.js';
import type { RunSize } from '../../../src/wire/codec/walk.js';
import { v1 } from '../../../src/wire/messages.js';
import { workerService } from '../../../src/wire/services.js';
import { ruleOf, tinyModel } from '../../support/tiny-models.js';

const SIZE: RunSize = { features: 5, weights: 15, chains: 4 };
const WORKER = 7;

/** Plain objects with these fields. */
function record<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true });
}

/** Through the bytes of the wire. */
function sent<T>(
  codec: { encode(message: T): { finish(): Uint8Array }; decode(bytes: Uint8Array): T },
  message: T,
): T {
  return codec.decode(codec.encode(message).finish());
}

const bits = (length: number) => fc.uint8Array({ minLength: length, maxLength: length, max: 1 });
const exact = fc.maxSafeInteger();
const whole = fc.maxSafeNat();
const int32s = (constraints?: fc.IntArrayConstraints) => fc.int32Array(constraints);
const chain = fc.nat(SIZE.chains - 1);
const sweep = fc.nat(2 ** 31);
const betaQ = fc.nat(65536);

const counts = record({
  ...{ flipsProposed: whole, flipsAccepted: whole, rowsProposed: whole, rowsAccepted: whole },
  ...{ swapsProposed: whole, swapsAccepted: whole },
});
const report: fc.Arbitrary<SlotReport> = record({
  ...{ w: bits(SIZE.weights), logLikQ: exact, ownAcceptedSumQ: exact, counts },
});

const soloJob = fc
  .tuple(chain, sweep, fc.array(betaQ, { minLength: 1, maxLength: 5 }))
  .map(([slot, first, betas]): WalkJob => {
    const reportAfter = betas.map((_, i) => first + i).filter((at) => at % 2 === 0);
    return { kind: 'solo', slot, chain: slot, sweep: first, betasQ: Int32Array.from(betas), reportAfter };
  });
const windowJob = fc
  .record({
    chain,
    sweep,
    betaQ,
    settleAt: fc.integer({ min: -1, max: 999 }),
    from: fc.nat(999),
    length: fc.nat(99),
  })
  .chain(({ length, ...job }) =>
    record({ guess: fc.uint8Array({ maxLength: 9 }), report: fc.boolean() }).map((rest): WalkJob => ({
      kind: 'window',
      slot: job.chain,
      ...job,
      to: job.from + length,
      ...rest,
    })),
  );
const soloResult = fc
  .tuple(chain, fc.array(record({ sweep, report }), { maxLength: 3 }))
  .map(([slot, reports]): WalkResult => ({ kind: 'solo', slot, reports }));
const windowResult = fc
  .tuple(chain, int32s(), fc.option(report, { nil: undefined }))
  .map(([slot, partialsQ, last]): WalkResult => {
    return last ? { kind: 'window', slot, partialsQ, report: last } : { kind: 'window', slot, partialsQ };
  });

const shards = fc.array(fc.nat(9), { maxLength: 4 });
const walk: fc.Arbitrary<Walk> = record({
  ...{ type: fc.constant('walk' as const), worker: fc.constant(WORKER), epoch: whole, round: whole },
  jobs: fc.array(fc.oneof(soloJob, windowJob), { maxLength: 4 }),
});
const command: fc.Arbitrary<WorkerCommand> = fc.oneof(
  walk,
  record({ type: fc.constant('load' as const), worker: fc.constant(WORKER), shards }),
  record({
    ...{ type: fc.constant('attach' as const), worker: fc.constant(WORKER), epoch: whole, shards },
    ...{
      owners: fc.uint8Array({ minLength: 5, maxLength: 5 }),
      self: fc.nat(254),
      wantFlipDeltas: fc.boolean(),
    },
    chains: fc.array(record({ chain, w: bits(SIZE.weights) }), { maxLength: 3 }),
  }),
  record({
    ...{ type: fc.constant('detach' as const), worker: fc.constant(WORKER), epoch: whole },
    chains: fc.array(chain, { maxLength: 4 }),
  }),
  record({ type: fc.constant('audit' as const), worker: fc.constant(WORKER), epoch: whole, chain }),
);
const walked: fc.Arbitrary<Walked> = record({
  ...{ type: fc.constant('walked' as const), worker: fc.constant(WORKER), epoch: whole, round: whole },
  results: fc.array(fc.oneof(soloResult, windowResult), { maxLength: 4 }),
});
const flipDeltasQ = fc.oneof(fc.constant(new Int32Array(0)), int32s({ minLength: 15, maxLength: 15 }));
const answer: fc.Arbitrary<WorkerAnswer> = fc.oneof(
  walked,
  record({ type: fc.constant('loaded' as const), worker: fc.constant(WORKER), shards }),
  record({
    ...{ type: fc.constant('attached' as const), worker: fc.constant(WORKER), epoch: whole },
    chains: fc.array(record({ chain, report, flipDeltasQ }), { maxLength: 3 }),
  }),
  record({
    ...{ type: fc.constant('audited' as const), worker: fc.constant(WORKER), epoch: whole, chain },
    differing: fc.nat(2 ** 31 - 1),
    seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
  }),
);

test('commands come back as they were', () => {
  fc.assert(
    fc.property(command, (given) => {
      const message = sent<v1.JoinResponse.$Properties>(v1.JoinResponse, encodeCommand(given));
      assert.deepEqual(decodeCommand(message, WORKER, SIZE) satisfies BrainCommand, given);
    }),
  );
});

test('answers come back as they were', () => {
  fc.assert(
    fc.property(answer, (given) => {
      const message = sent<v1.JoinRequest.$Properties>(v1.JoinRequest, encodeAnswer(given));
      assert.deepEqual(decodeAnswer(message, WORKER, SIZE), given);
    }),
  );
});

test('bytes of any kind are refused by a WireError or a decoding error, never believed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      let message: v1.JoinRequest;
      try {
        message = v1.JoinRequest.decode(bytes);
      } catch {
        return;
      }
      try {
        const given = decodeAnswer(message, WORKER, SIZE);
        assert.deepEqual(decodeAnswer(encodeAnswer(given), WORKER, SIZE), given);
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('greetings come back as they were', () => {
  const { model } = tinyModel({
    features: 6,
    classes: 3,
    rows: 9,
    seed: 1,
    grid: { rows: 2, columns: 3 },
    pi: [0.1, 0.5, 0.7],
  });
  const rule = ruleOf(model, Number.MAX_SAFE_INTEGER);
  const facts = { runId: 'r', worker: 3, rule, chains: 8, heartbeatMs: 250, kernel: 'auto' as const };
  assert.deepEqual(decodeWelcome(sent<v1.Welcome.$Properties>(v1.Welcome, encodeWelcome(facts))), facts);
  const hello = {
    ...{ protocolVersion: 1, streamVersion: 1, packageVersion: '0.1.0', name: 'host/1' },
    ...{ threads: 4, memoryBytes: 2 ** 35, kernel: 'tfjs' as const },
  };
  assert.deepEqual(decodeHello(sent<v1.Hello.$Properties>(v1.Hello, encodeHello(hello))), hello);
});

const window = {
  chain: 1,
  window: { sweep: 1, betaQ: 5, settleAt: -1, from: 2, to: 9, guess: new Uint8Array(1) },
};
const goodReport = { bits: new Uint8Array(2), counts: {} };

const BAD_COMMANDS: [string, v1.JoinResponse.$Properties, string][] = [
  ['nothing', {}, 'a known message is missing'],
  [
    'chain',
    { walk: { jobs: [{ ...window, chain: 4 }] } },
    'job.chain must be a whole number from 0 to 3, got 4',
  ],
  ['no job', { walk: { jobs: [{ chain: 1 }] } }, 'job is missing'],
  [
    'window turned round',
    { walk: { jobs: [{ chain: 1, window: { from: 5, to: 4 } }] } },
    'window.to must be at least window.from, 5, got 4',
  ],
  [
    'settle',
    { walk: { jobs: [{ chain: 1, window: { settleAt: -2 } }] } },
    'window.settle_at must be -1 or a position, got -2',
  ],
  [
    'beta',
    { walk: { jobs: [{ chain: 1, window: { betaQ: 65537 } }] } },
    'window.beta_q must be a whole number from 0 to 65536, got 65537',
  ],
  [
    'no sweeps',
    { walk: { jobs: [{ chain: 1, solo: { sweep: 3 } }] } },
    'solo.betas_q must name at least one sweep',
  ],
  [
    'report',
    { walk: { jobs: [{ chain: 1, solo: { sweep: 3, betasQ: [1], reportAfter: [4] } }] } },
    'solo.report_after must lie within sweeps 3 to 3',
  ],
  ['owners', { attach: { owners: new Uint8Array(4) } }, 'attach.owners must have 5 bytes, got 4'],
  [
    'bits',
    { attach: { owners: new Uint8Array(5), chains: [{ bits: new Uint8Array(3) }] } },
    'attach.chains.bits must have 2 bytes, got 3',
  ],
];
for (const [name, message, text] of BAD_COMMANDS) {
  test(`a bad command: ${name}`, () => {
    assert.throws(() => decodeCommand(message, WORKER, SIZE), { name: 'WireError', message: text });
  });
}

const BAD_ANSWERS: [string, v1.JoinRequest.$Properties, string][] = [
  ['nothing', {}, 'a known message is missing'],
  [
    'partials',
    { walked: { results: [{ window: { partialsQ: new Uint8Array(6) } }] } },
    'window.partials_q must have a multiple of 4 bytes, got 6',
  ],
  [
    'deltas',
    { attached: { chains: [{ report: goodReport, flipDeltasQ: new Uint8Array(8) }] } },
    'attached.chains.flip_deltas_q must have none or 15 entries, got 2',
  ],
  [
    'report bits',
    { attached: { chains: [{ report: { ...goodReport, bits: new Uint8Array(1) } }] } },
    'attached.chains.report.bits must have 2 bytes, got 1',
  ],
  [
    'report gone',
    { walked: { results: [{ solo: { reports: [{ sweep: 1 }] } }] } },
    'solo.reports.report is missing',
  ],
  [
    'counts gone',
    { attached: { chains: [{ report: { bits: new Uint8Array(2) } }] } },
    'attached.chains.report.counts is missing',
  ],
  [
    'sum',
    { attached: { chains: [{ report: { ...goodReport, logLikQ: 2 ** 60 } }] } },
    'attached.chains.report.log_lik_q is beyond 2^53',
  ],
  [
    'shard',
    { loaded: { shards: [2 ** 31] } },
    'loaded.shards must be a whole number from 0 to 1000000, got 2147483648',
  ],
];
for (const [name, message, text] of BAD_ANSWERS) {
  test(`a bad answer: ${name}`, () => {
    assert.throws(() => decodeAnswer(message, WORKER, SIZE), { name: 'WireError', message: text });
  });
}

test('the members of a group get one message for a round, made once; the next round has its own', () => {
  const jobs: WalkJob[] = [
    {
      ...{ kind: 'window', slot: 0, chain: 0, sweep: 1, betaQ: 65_536, settleAt: -1, from: 0, to: 9 },
      ...{ guess: Uint8Array.of(5), report: false },
    },
  ];
  const walk = { type: 'walk', worker: 1, epoch: 3, round: 4, jobs } as const;
  const message = encodeCommand(walk);
  assert.equal(encodeCommand({ ...walk, worker: 2 }), message);
  const { responseSerialize } = workerService.join;
  const bytes = responseSerialize(message);
  assert.equal(responseSerialize(message), bytes);
  const later = responseSerialize(encodeCommand({ ...walk, round: 5 }));
  assert.deepEqual(workerService.join.responseDeserialize(later).walk?.round, 5);
  assert.deepEqual(workerService.join.responseDeserialize(bytes).walk?.round, 4);
});
