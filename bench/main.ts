/** `npm run bench [-- --json] [-- kernel tfjs …]`: figures by name, all or of some parts. */
import os from 'node:os';
import { readMnist } from '../src/data/mnist.js';
import { diagnosticsFigures } from './diagnostics.js';
import { faultFigures } from './faults.js';
import { followerFigures } from './followers.js';
import { kernelFigures } from './kernel.js';
import { annealedState, roundsFigures } from './rounds.js';
import { storeFigures } from './store.js';
import { streamFigures } from './stream.js';
import { temperingFigures } from './tempering.js';
import { tfjsFigures } from './tfjs.js';
import { toyFigures } from './toy.js';
import { workersFigures } from './workers.js';

type Figures = Record<string, number>;

const PARTS: Record<string, () => Figures | Promise<Figures>> = {
  kernel: () => kernelFigures(),
  kernels: () => kernelFigures(true),
  toy: toyFigures,
  tfjs: tfjsFigures,
  rounds: () => roundsFigures(readMnist(33).train),
  workers: () => {
    const { train } = readMnist(33);
    return workersFigures(train, annealedState(train));
  },
  diagnostics: diagnosticsFigures,
  faults: () => {
    const { train } = readMnist(33);
    return faultFigures(train, annealedState(train));
  },
  followers: () => {
    const { train } = readMnist(33);
    return followerFigures(train, annealedState(train));
  },
  store: () => {
    const { train } = readMnist(33);
    return storeFigures(train, annealedState(train));
  },
  stream: () => streamFigures(),
  tempering: temperingFigures,
};
/** `kernels` is `kernel` in more cases; `stream` takes several minutes. */
const USUAL = Object.keys(PARTS).filter((part) => part !== 'kernels' && part !== 'stream');

function formatted(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en-US', { maximumSignificantDigits: 4 });
}

async function bench(args: readonly string[]): Promise<void> {
  const asJson = args.includes('--json');
  const asked = args.filter((arg) => arg !== '--json');
  const unknown = asked.find((part) => !(part in PARTS));
  if (unknown !== undefined) {
    console.error(`bench: no part '${unknown}'; there are ${Object.keys(PARTS).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const all: Figures = {};
  const width = 44;
  if (!asJson) console.log(`${os.cpus()[0]?.model}, ${os.cpus().length} cores, Node ${process.version}`);
  for (const part of asked.length > 0 ? asked : USUAL) {
    const figures = await PARTS[part]!();
    Object.assign(all, figures);
    if (asJson) continue;
    console.log(`\n${part}`);
    for (const [name, value] of Object.entries(figures))
      console.log(`  ${name.padEnd(width)} ${formatted(value)}`);
  }
  if (asJson) console.log(JSON.stringify(all, null, 2));
}

await bench(process.argv.slice(2));
