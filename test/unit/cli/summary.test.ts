import assert from 'node:assert/strict';
import { test } from 'node:test';
import { briefText } from '../../../src/cli/summary.js';

test('a stopped run with too many draws to sum up says what it has and how it goes on', () => {
  const facts = { kind: 'stopped', seconds: 90, drawsWanted: 20_000, seed: 4, out: 'runs/a' } as const;
  assert.equal(
    briefText({ ...facts, goOn: 'npx bitgibbs run mnist --out runs/a --resume' }, 12_345),
    'stopped after 1 min 30 s: 12,345 of 20,000 draws a chain, seed 4\n\n' +
      'draws:   runs/a; summed up by: npx bitgibbs summary runs/a\n' +
      'go on:   npx bitgibbs run mnist --out runs/a --resume\n',
  );
});
