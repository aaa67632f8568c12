import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerAccount } from '../../../src/coordinator/answer-account.js';
import type { SlotReport } from '../../../src/kernel/kernel.js';
import { WireError } from '../../../src/wire/check.js';
import { encodeAnswer, type WorkerAnswer } from '../../../src/wire/codec/answer.js';
import { answerBytes } from '../../../src/wire/codec/answer-size.js';
import type { WorkerCommand } from '../../../src/wire/codec/command.js';
import { encodeChecked } from '../../../src/wire/checksum.js';
import { v1 } from '../../../src/wire/messages.js';

const WEIGHTS = 7840;
const MOST = Number.MAX_SAFE_INTEGER;
const HIGH = 2 ** 31 - 1;

/** A report in which every number is as long as it gets. */
const report: SlotReport = {
  w: new Uint8Array(WEIGHTS).fill(1),
  logLikQ: -MOST,
  ownAcceptedSumQ: -MOST,
  counts: {
    ...{ flipsProposed: MOST, flipsAccepted: MOST, rowsProposed: MOST },
    ...{ rowsAccepted: MOST, swapsProposed: MOST, swapsAccepted: MOST },
  },
};

const at = { worker: 1, epoch: MOST };
const slot = { slot: HIGH, chain: HIGH };
const window = {
  ...slot,
  kind: 'window',
  sweep: HIGH,
  betaQ: 1,
  settleAt: -1,
  guess: new Uint8Array(0),
} as const;
const chains = [HIGH - 1, HIGH];
const partials = new Int32Array(5_000).fill(-HIGH);

const pairs: [WorkerCommand, WorkerAnswer][] = [
  [
    { type: 'load', worker: 1, shards: Array<number>(999).fill(999_999) },
    { type: 'loaded', worker: 1, shards: Array<number>(999).fill(999_999) },
  ],
  [
    { type: 'audit', ...at, chain: HIGH },
    { type: 'audited', ...at, chain: HIGH, differing: HIGH, seconds: 0.1 },
  ],
  ...[true, false].map((wantFlipDeltas): [WorkerCommand, WorkerAnswer] => [
    {
      ...{ type: 'attach', ...at, shards: [0], owners: new Uint8Array(784), self: 1, wantFlipDeltas },
      chains: chains.map((chain) => ({ chain, w: report.w })),
    },
    {
      ...{ type: 'attached', ...at },
      chains: chains.map((chain) => ({
        ...{ chain, report, flipDeltasQ: new Int32Array(wantFlipDeltas ? WEIGHTS : 0).fill(-HIGH) },
      })),
    },
  ]),
  [
    { type: 'walk', ...at, round: MOST, jobs: [{ ...window, from: 0, to: 5_000, report: true }] },
    {
      type: 'walked',
      ...at,
      round: MOST,
      results: [{ kind: 'window', slot: HIGH, partialsQ: partials, report }],
    },
  ],
  [
    {
      ...{ type: 'walk', ...at, round: MOST },
      jobs: [{ ...slot, kind: 'solo', sweep: 0, betasQ: new Int32Array(40).fill(1), reportAfter: [3, 7] }],
    },
    {
      ...{ type: 'walked', ...at, round: MOST },
      results: [{ kind: 'solo', slot: HIGH, reports: [3, 7, HIGH].map((sweep) => ({ sweep, report })) }],
    },
  ],
];

for (const [command, answer] of pairs) {
  test(`an answer to ${command.type} can not be larger than foreseen, nor is much more foreseen`, () => {
    const { length } = encodeChecked(v1.JoinRequest, encodeAnswer(answer));
    const foreseen = answerBytes(command, WEIGHTS);
    assert.ok(length <= foreseen, `${length} bytes of ${foreseen}`);
    assert.ok(foreseen <= 1.3 * length + 400, `${length} bytes of ${foreseen}`);
  });
}

test('a worker may answer what was asked, and beat now and then', () => {
  const allowed: number[] = [];
  const account = new AnswerAccount(WEIGHTS, (bytes) => allowed.push(bytes));
  assert.throws(() => account.answered(), WireError);
  for (const [command] of pairs) account.asked(command);
  account.asked({ type: 'detach', ...at, chains });
  for (let i = 0; i < pairs.length; i++) account.answered();
  assert.throws(() => account.answered(), WireError);
  assert.deepEqual(
    allowed,
    [...allowed].sort((a, b) => a - b),
  );
  assert.equal(allowed.at(-1), Math.max(...pairs.map(([command]) => answerBytes(command, WEIGHTS))));
  for (let round = 0; round < 3; round++) {
    account.beat();
    for (let i = 0; i < 20; i++) account.heartbeat();
  }
  assert.throws(() => account.heartbeat(), WireError);
});
