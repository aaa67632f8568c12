// The lint suite: ESLint, formatting, import boundaries. Each is one test.
import { inRoot, run } from './util.mjs';

const tool = (...parts) => inRoot('node_modules', ...parts);
const checks = [
  { name: 'eslint', args: [tool('eslint', 'bin', 'eslint.js'), '.'], hint: '' },
  {
    name: 'formatting',
    args: [tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level=warn', '.'],
    hint: 'npm run format mends it',
  },
  {
    name: 'import boundaries',
    args: [
      ...[tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs'],
      ...['--output-type', 'err-long', 'src'],
    ],
    hint: 'the rules are in .dependency-cruiser.cjs',
  },
];

/** Runs all checks; returns {passed, failed, skipped}. */
export async function lint() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, args, hint } of checks) {
    const result = await run(process.execPath, args);
    counts[result.ok ? 'passed' : 'failed']++;
    const output = result.out.trim();
    console.log(`${result.ok ? '✔' : '✖'} ${name}${result.ok || !hint ? '' : ` (${hint})`}`);
    if (output && (!result.ok || output.includes('warning'))) console.log(output);
  }
  return counts;
}
