// The test suites, and how one is run and counted.
import fs from 'node:fs';
import { lint } from './lint.mjs';
import { newerNode } from './newer-node.mjs';
import { filesUnder, inRoot, run } from './util.mjs';

/**
 * Each suite: where its compiled tests are, if not under its name; the minutes after which it is cut off (a loaded machine
 * takes several times what an idle one does), how many files run at once (2 cores), and the extra without which it is left
 * out.
 */
export const suites = [
  { name: 'lint', minutes: 6 },
  { name: 'unit', minutes: 12, atOnce: 2 },
  { name: 'simulation', minutes: 8, atOnce: 2 },
  { name: 'integration', minutes: 16, atOnce: 1 },
  { name: 'newer-node', tests: 'integration', minutes: 16, atOnce: 1, extra: 'newer-node', node: newerNode },
  { name: 'e2e', minutes: 24, atOnce: 1 },
  { name: 'deploy', minutes: 8, atOnce: 1 },
  { name: 'chaos', minutes: 20, atOnce: 1 },
];

/** Counts the lines that count-reporter.mjs wrote. */
export function countLines(text) {
  const lines = text.split('\n');
  const count = (word) => lines.filter((line) => line === word).length;
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip') };
}

export const addCounts = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The closing line of a test run. */
export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/**
 * Runs one suite; returns {passed, failed, skipped}, or null where it has no tests. A suite that is cut off or crashes
 * has one failure more.
 */
export async function runSuite({ name, tests = name, minutes, atOnce, node }, { pattern, env }) {
  console.log(`\n== ${name} (at most ${minutes} minutes)`);
  if (name === 'lint') return lint();
  const files = filesUnder(inRoot('build', 'test', tests), (file) => file.endsWith('.test.js'));
  if (files.length === 0) return null;
  const counted = inRoot('build', `test-${name}.counts`);
  fs.rmSync(counted, { force: true });
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[
      `--test-reporter=${inRoot('scripts', 'lib', 'count-reporter.mjs')}`,
      `--test-reporter-destination=${counted}`,
    ],
  ];
  const options = [`--test-concurrency=${atOnce}`, ...(pattern ? [`--test-name-pattern=${pattern}`] : [])];
  const result = await run(
    node ? node() : process.execPath,
    ['--enable-source-maps', '--test', ...reporters, ...options, ...files],
    {
      env,
      show: true,
      watch: (seconds) => (seconds > minutes * 60 ? `cut off after ${minutes} minutes` : ''),
    },
  );
  const counts = countLines(fs.existsSync(counted) ? fs.readFileSync(counted, 'utf8') : '');
  if (!result.ok && (counts.failed === 0 || result.reason)) {
    console.log(`✖ suite ${name}: ${result.reason || `ended with ${result.code}`}`);
    counts.failed++;
  }
  return counts;
}
