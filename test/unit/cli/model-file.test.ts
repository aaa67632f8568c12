/** Damaged model files: a line that says what is wrong, or settings that can be used. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Command } from 'commander';
import {
  addDataFlags,
  addSamplingFlags,
  type DataFlags,
  type SamplingFlags,
} from '../../../src/cli/flags/groups.js';
import { askedOf } from '../../../src/cli/model-file.js';
import { dataRequest, runPlan } from '../../../src/cli/settings.js';
import { InputError } from '../../../src/posterior/model.js';
import { UsageError } from '../../../src/cli/errors.js';
import { uniforms } from '../../support/tiny-models.js';

const folder = mkdtempSync(join(tmpdir(), 'bitgibbs-model-file-'));
after(() => rmSync(folder, { recursive: true }));

const YAML = `# a model
data: rows.csv
test: 0.2
test-seed: 7
classes: [cat, dog]
pi: [0.3, 0.6]
grid: 5x5
pinned: true
chains: 4
warmup: 200
draws: 500
beta-start: 0.2
`;
const JSON_TEXT = JSON.stringify({
  data: 'mnist',
  images: 500,
  threshold: 33,
  pi: 0.3,
  until: 'rhat=1.01,ess=400',
  thin: 2,
  seed: 9,
});
/** What damage often looks like to a reader of YAML. */
const PIECES = [
  ':',
  '- ',
  '&a ',
  '*a',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '\n',
  '\t',
  '#',
  '|',
  '---\n',
  '!!binary ',
  '? ',
  '\u0000',
  '\u2028',
  '1e999',
  '-1',
  '~',
  '<<: *a',
  '%YAML 9\n',
];

function mutated(text: string, next: () => number): string {
  const at = (): number => Math.floor(next() * (text.length + 1));
  const piece = (): string => PIECES[Math.floor(next() * PIECES.length)]!;
  let changed = text;
  const changes = 1 + Math.floor(3 * next());
  for (let i = 0; i < changes; i++) {
    const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
    const kind = next();
    if (kind < 0.4) changed = changed.slice(0, from) + piece() + changed.slice(from);
    else if (kind < 0.6) changed = changed.slice(0, from) + changed.slice(Math.min(to, from + 8));
    else if (kind < 0.8)
      changed =
        changed.slice(0, from) + String.fromCharCode(Math.floor(256 * next())) + changed.slice(from + 1);
    else if (kind < 0.9) changed = changed.slice(0, from);
    else changed += changed.slice(from, to);
  }
  return changed;
}

/** As the command line takes a model file. */
function take(path: string): void {
  const { data, flags } = askedOf<DataFlags & SamplingFlags>(
    addSamplingFlags(addDataFlags(new Command())),
    path,
  );
  dataRequest(data, flags);
  const { chains, draws, thin, warmupBetasQ } = runPlan(flags, () => 2);
  for (const count of [chains, draws, thin]) assert.ok(Number.isInteger(count) && count >= 1, String(count));
  assert.ok(warmupBetasQ.every((beta) => beta > 0 && beta <= 65_536));
}

const FUZZED = 2000;

for (const [name, text] of [
  ['model.yaml', YAML],
  ['model.json', JSON_TEXT],
] as const) {
  test(`${FUZZED} damaged files ${name} are refused in one line, or can be used`, () => {
    const next = uniforms(5);
    const path = join(folder, name);
    writeFileSync(path, text);
    take(path);
    const seen = { refused: 0, taken: 0 };
    for (let i = 0; i < FUZZED; i++) {
      const damaged = mutated(text, next);
      writeFileSync(path, damaged);
      try {
        take(path);
        seen.taken++;
      } catch (error) {
        assert.ok(
          error instanceof UsageError || error instanceof InputError,
          `${JSON.stringify(damaged)}: ${String(error)}`,
        );
        assert.doesNotMatch(error.message, /[\n\u2028]/);
        seen.refused++;
      }
    }
    assert.ok(seen.refused > FUZZED / 4 && seen.taken > 0, JSON.stringify(seen));
  });
}
