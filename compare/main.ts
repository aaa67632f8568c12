/** `npm run compare -- jags|pymc|numpyro`: the same data and model in a peer and in bitgibbs, side by side. */
import { fileURLToPath } from 'node:url';
import { compareMnist, compareToy, type SamplePeer, type ToySizes } from './compare.js';
import { putSection, sectionText } from './page.js';
import { sampleJags } from './peers/jags.js';
import { samplePython } from './peers/python.js';

const PAGE = fileURLToPath(new URL('../../docs/comparison.md', import.meta.url));
const SIZES: ToySizes = { random: 4000, started: 400, own: 20_000, heatBath: 160_000 };

interface Peer {
  readonly title: string;
  readonly sample: SamplePeer;
  /** Sweeps of MNIST that its speed is taken from; none where even one takes too long. */
  readonly mnistSweeps?: number;
}

const inPython = (peer: 'pymc' | 'numpyro'): SamplePeer => {
  const python = process.env['BITGIBBS_COMPARE_PYTHON'] ?? 'python3';
  return (problem, settings) => samplePython(peer, python, problem, settings);
};

const PEERS: Readonly<Record<string, Peer>> = {
  jags: { title: 'JAGS', sample: sampleJags },
  pymc: { title: 'PyMC', sample: inPython('pymc'), mnistSweeps: 4 },
  numpyro: { title: 'NumPyro', sample: inPython('numpyro'), mnistSweeps: 8 },
};

const name = process.argv[2] ?? '';
const peer = PEERS[name];
if (peer) {
  const toy = await compareToy(peer.sample, SIZES);
  const mnist = peer.mnistSweeps ? await compareMnist(peer.sample, peer.mnistSweeps) : undefined;
  const section = sectionText(peer.title, toy, mnist);
  process.stdout.write(`\n${section}`);
  await putSection(PAGE, name, section);
  const beyond = toy.marginals.filter(({ z }) => Math.abs(z) > 4).length;
  if (beyond > 0) {
    process.stderr.write(`compare: ${beyond} weights differ by more than 4 standard errors\n`);
    process.exitCode = 1;
  }
} else {
  process.stderr.write(`compare: name one of ${Object.keys(PEERS).join(', ')}\n`);
  process.exitCode = 2;
}
