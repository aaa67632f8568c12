// npm run chaos [-- SEED | FIRST-LAST]: set-up, then whole runs while processes are killed and stopped; by default seeds 1-20.
import { main } from './lib/main.mjs';
import { setup } from './lib/setup.mjs';
import { runSuite, suites } from './lib/suites.mjs';
import { Failure } from './lib/util.mjs';

/** A run takes a minute or two. */
const MINUTES_A_SEED = 5;

function seedsOf([seeds = '1-20', ...more]) {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(seeds) ?? [];
  if (more.length > 0 || first === undefined || Number(last) < Number(first)) {
    throw new Failure('npm run chaos takes one seed (7) or several (1-20)');
  }
  return { seeds, count: Number(last) - Number(first) + 1 };
}

await main(async () => {
  const { seeds, count } = seedsOf(process.argv.slice(2));
  await setup();
  const suite = suites.find(({ name }) => name === 'chaos');
  const env = { BITGIBBS_CHAOS_SEEDS: seeds };
  const { failed } = await runSuite({ ...suite, minutes: MINUTES_A_SEED * (count + 1) }, { env });
  process.exitCode = failed > 0 ? 1 : 0;
});
