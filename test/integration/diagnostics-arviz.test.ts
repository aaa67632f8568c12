/** Diagnostics against ArviZ itself, on the same arrays. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BitSeries } from '../../src/diagnostics/bit-series.js';
import { type Estimate, estimate } from '../../src/diagnostics/scalar.js';
import { inWords, SERIES } from '../support/series.js';

const python = process.env['BITGIBBS_TEST_PYTHON'] ?? '';
const isThere = (process.env['BITGIBBS_TEST_PARTS'] ?? '').split(',').includes('python-venv');
const script = fileURLToPath(new URL('../../../test/support/python/arviz_diagnostics.py', import.meta.url));

type Figures = Record<keyof Estimate, string>;

function byArviz(): Record<string, Figures> {
  const input = JSON.stringify(
    Object.fromEntries(SERIES.map(({ name, chains }) => [name, chains.map((c) => [...c])])),
  );
  const run = spawnSync(python, [script], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as Record<string, Figures>;
}

function numberOf(text: string): number {
  return text === 'inf' ? Infinity : text === 'nan' ? NaN : Number(text);
}

/**
 * Equal to 1e-6 relative. Where no chain moves and they differ, R-hat is infinite; ArviZ divides by what rounding left of
 * the variance within chains and so has some huge number.
 */
function isSame(own: number, theirs: number): boolean {
  if (own === Infinity) return theirs > 1e6;
  return Object.is(own, theirs) || Math.abs(own - theirs) <= 1e-6 * Math.max(Math.abs(theirs), 1e-3);
}

function check(own: Estimate, theirs: Figures): void {
  for (const figure of Object.keys(theirs) as (keyof Estimate)[]) {
    const expected = numberOf(theirs[figure]);
    assert.ok(isSame(own[figure], expected), `${figure}: ${own[figure]}, ArviZ has ${theirs[figure]}`);
  }
}

describe('diagnostics equal ArviZ', { skip: isThere ? false : 'no Python with ArviZ' }, () => {
  let theirs: Record<string, Figures> = {};
  before(() => (theirs = byArviz()));
  for (const { name, chains, bits } of SERIES) {
    test(`${name}, ${chains.length} x ${chains[0]!.length}`, () => {
      check(estimate(chains), theirs[name]!);
      if (bits)
        check(new BitSeries(chains.length, chains[0]!.length).estimate(chains.map(inWords)), theirs[name]!);
    });
  }
});
