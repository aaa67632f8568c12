/** Figures as text: tables for the terminal, which are a section of docs/comparison.md too. */
import { cpus, loadavg } from 'node:os';
import { readFile, writeFile } from 'node:fs/promises';
import type { MnistResult, Speed, ToyResult } from './compare.js';

/** Three significant digits, thousands separated. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function table(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => `| ${row.join(' | ')} |`);
  return [lines[0]!, `|${' -- |'.repeat(rows[0]!.length)}`, ...lines.slice(1)].join('\n');
}

function machineText(): string {
  const busy = loadavg()[0]!;
  const cores = cpus().length;
  const load =
    busy > 1.5
      ? `; the machine carried other work too (load ${busy.toFixed(1)} on ${cores} cores): times are CPU times, and larger than on an idle one`
      : '';
  return `${cpus()[0]!.model.trim()}, ${cores} cores${load}`;
}

function speedRow(name: string, { millisecondsPerSweep, lp, lpMeans, draws, ...speed }: Speed): string[] {
  const means = lpMeans.map((mean) => mean.toFixed(1)).join(' ');
  const own = [figure(millisecondsPerSweep), figure(draws), means, lp.rhat.toFixed(3), figure(lp.essBulk)];
  return [name, ...own, figure(speed.lpPerSecond), figure(speed.medianPerSecond)];
}

const ratioText = (ratio: number, to: string): string => `**${figure(ratio)}** times ${to}`;

function toyText(peer: string, { peer: theirs, own, heatBath, ...toy }: ToyResult): string {
  const head = [
    '',
    'ms a sweep',
    'draws of 4 chains, each',
    'lp means',
    'R-hat lp',
    'ESS lp',
    'ESS/s lp',
    'ESS/s median moving weight',
  ];
  const long = (1000 * heatBath.essPerSweep) / theirs.millisecondsPerSweep;
  const marginals = toy.marginals.map(({ peer: a, own: b, z }, i) => [
    `w[${Math.floor(i / 2)}, ${5 + (i % 2)}]`,
    ...[a.mean.toFixed(3), a.error.toFixed(3), String(a.flips), b.mean.toFixed(4), b.error.toFixed(4)],
    z.toFixed(1),
  ]);
  return `### Toy, 500 rows, random starts

${table([head, speedRow(peer, theirs), speedRow('bitgibbs', own)])}

How large an ESS such short chains of ${peer} show is luck of the seed. Single-bit heat bath, the kernel that general samplers walk, gives an ESS of lp of ${figure(heatBath.essPerSweep)} a sweep over 4 chains of ${figure(heatBath.draws)} sweeps after an annealed warm-up (R-hat ${heatBath.rhat.toFixed(3)}), so that ${peer} at its speed gives ${figure(long)} a second. ESS/s of lp of bitgibbs is ${ratioText(own.lpPerSecond / theirs.lpPerSecond, 'what its own chains showed')} and ${ratioText(own.lpPerSecond / long, 'what long ones would')}.

### Marginals P(w = 1 | data), toy, 500 rows

${toy.marginals.filter(({ z }) => Math.abs(z) <= 4).length} of ${toy.marginals.length} weights agree within 4 standard errors; the largest score is ${toy.worst.toFixed(2)}. ${peer} began 32 chains at draws of bitgibbs: they stay where they are only if its posterior is the same one. From 4 random starts ${toy.beyondFromRandom} of ${toy.marginals.length} weights lie beyond 4 of its standard errors, which are wide where its chains stick in different modes.

<details><summary>All weights</summary>

${table([['weight', peer, 'error', 'changes', 'bitgibbs', 'error', 'z'], ...marginals])}

</details>
`;
}

function mnistText(peer: string, { peerMillisecondsPerSweep, own, heatBath }: MnistResult): string {
  const long = (1000 * heatBath.essPerSweep) / peerMillisecondsPerSweep;
  const theirs = [figure(peerMillisecondsPerSweep), figure(heatBath.essPerSweep), figure(long)];
  const sweeps = own.lp.essBulk / (4 * own.draws);
  const ours = [figure(own.millisecondsPerSweep), figure(sweeps), figure(own.lpPerSecond)];
  return `### MNIST, 1,000 images, 10 classes

${table([
  ['', 'ms a sweep', 'ESS of lp a sweep', 'ESS/s lp'],
  [peer, ...theirs],
  ['bitgibbs', ...ours],
])}

A sweep of ${peer} takes too long for an ESS of its own: that a sweep is the single-bit heat bath's, from our kernel. R-hat of lp over 4 random starts of bitgibbs: ${own.lp.rhat.toFixed(3)}. ESS/s of lp of bitgibbs is ${ratioText(own.lpPerSecond / long, `${peer}'s`)}.
`;
}

export function sectionText(peer: string, toy: ToyResult, mnist: MnistResult | undefined): string {
  const parts = [toyText(peer, toy), ...(mnist ? [mnistText(peer, mnist)] : [])];
  const today = new Date().toISOString().slice(0, 10);
  return `## ${peer}\n\n${toy.versions.join('; ')}. ${machineText()}. ${today}.\n\n${parts.join('\n')}`;
}

/** Puts a section in place of the one that the page has between this peer's marks. @throws when the page has no such marks */
export async function putSection(page: string, peer: string, section: string): Promise<void> {
  const text = await readFile(page, 'utf8');
  const [begin, end] = [`<!-- ${peer} -->`, `<!-- end of ${peer} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`${page} has no place for ${peer}: it must hold ${begin} and ${end}`);
  await writeFile(page, `${text.slice(0, from + begin.length)}\n${section}${text.slice(to)}`);
}
