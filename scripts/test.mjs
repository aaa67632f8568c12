// npm test [-- SUITE...] [-- --grep PATTERN]: set-up, then the test suites, and a last line with the totals.
import { apiTools } from './lib/api-tools.mjs';
import { chartTools } from './lib/chart-tools.mjs';
import { findChromium, venvPython } from './lib/extras.mjs';
import { main } from './lib/main.mjs';
import { setup } from './lib/setup.mjs';
import { addCounts, closingLine, runSuite, suites } from './lib/suites.mjs';
import { Failure, isCI } from './lib/util.mjs';

const names = suites.map((suite) => suite.name);

function options(args) {
  const chosen = [];
  let pattern = '';
  for (let i = 0; i < args.length; i++) {
    if (args[i].startsWith('--grep=')) pattern = args[i].slice('--grep='.length);
    else if (args[i] === '--grep' && i + 1 < args.length) pattern = args[++i];
    else if (names.includes(args[i])) chosen.push(args[i]);
    else throw new Failure(`npm test takes suites (${names.join(', ')}) and --grep PATTERN, not ${args[i]}`);
  }
  // A pattern names tests, so lint stays out unless it is asked for.
  const wanted = chosen.length > 0 ? chosen : names.filter((name) => !pattern || name !== 'lint');
  return { pattern, wanted: suites.filter((suite) => wanted.includes(suite.name)) };
}

await main(async () => {
  const { pattern, wanted } = options(process.argv.slice(2));
  const parts = await setup();
  const there = parts.filter((part) => part.ok).map((part) => part.name);
  // What tests read: the parts that are there, the Python that has the packages, a browser, the
  // folders of the tools that check the chart and the client API.
  const env = {
    BITGIBBS_TEST_PARTS: there.join(','),
    BITGIBBS_TEST_PYTHON: venvPython,
    BITGIBBS_TEST_CHROMIUM: findChromium() ?? '',
    BITGIBBS_TEST_CHART_TOOLS: chartTools(),
    BITGIBBS_TEST_API_TOOLS: apiTools(),
  };
  let total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of wanted) {
    // Left out, as the extra that it needs is.
    if (suite.extra && !there.includes(suite.extra)) continue;
    const counts = await runSuite(suite, { pattern, env });
    if (counts) total = addCounts(total, counts);
    else parts.push({ name: `suite ${suite.name}`, ok: false, why: 'it has no tests' });
  }
  console.log('');
  for (const { name, ok, why } of parts) {
    if (ok) continue;
    console.log(`left out: ${name} (${why.split('\n')[0]})`);
    if (isCI) total.failed++;
  }
  const nothing = total.passed + total.failed === 0;
  if (nothing) console.log('no test ran');
  process.exitCode = nothing || total.failed > 0 ? 1 : 0;
  console.log(closingLine(total));
});
