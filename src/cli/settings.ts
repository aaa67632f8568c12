/** From flags to what is to be run: pure checks of what fits together. Single values were checked as they were parsed. */
import { type DataRequest, KNOWN_DATA, type KnownData } from '../data/load.js';
import type { DataSet } from '../data/data-set.js';
import { shown } from '../data/shown.js';
import type { TableFiles } from '../data/table.js';
import type { ChainRule } from '../kernel/kernel.js';
import { buildModel, InputError, MAX_SHARD_WEIGHT } from '../posterior/model.js';
import { litFeatures, type Rows } from '../posterior/rows.js';
import { geometricBetasQ, type RunPlan } from '../sampler/run-plan.js';
import { ALL_MOVES } from '../sampler/sites.js';
import { temperedPlan } from '../sampler/tempering/tempering.js';
import { DEFAULT_MAX_DRAWS, type DataFlags, type OutputFlags, type SamplingFlags } from './flags/groups.js';

const TABLE_ENDING = /(\.csv(\.gz)?|\.npz)$/i;

function bothOrNone(
  features: string | undefined,
  labels: string | undefined,
  names: readonly [string, string],
): TableFiles | undefined {
  if (features === undefined && labels === undefined) return undefined;
  if (labels === undefined) throw new InputError(`${names[1]} must be given beside ${names[0]}`);
  if (features === undefined) throw new InputError(`${names[0]} must be given beside ${names[1]}`);
  return { features, labels };
}

function sourceOf(name: string | undefined, files: TableFiles | undefined): KnownData | TableFiles {
  const known = `known are ${KNOWN_DATA.join(', ')}; or give a CSV or NPZ file, or --features and --labels`;
  if (name === undefined) {
    if (files) return files;
    throw new InputError(`no data set: ${known}`);
  }
  const told = shown(name).slice(1, -1);
  if (files) throw new InputError(`give either a data set (${told}) or --features and --labels`);
  if ((KNOWN_DATA as readonly string[]).includes(name)) return name as KnownData;
  if (TABLE_ENDING.test(name)) return { table: name };
  throw new InputError(`unknown data set '${told}': ${known}`);
}

function heldOut({ test, testSeed = 1 }: Pick<DataFlags, 'test' | 'testSeed'>): DataRequest['test'] {
  if (test === undefined) return undefined;
  return typeof test === 'number' ? { share: test, seed: testSeed } : { table: test };
}

/** What data are asked for. @param name the argument `<data>` @throws InputError */
export function dataRequest(name: string | undefined, flags: DataFlags): DataRequest {
  const files = bothOrNone(flags.features, flags.labels, ['--features', '--labels']);
  const source = sourceOf(name, files);
  const apart = bothOrNone(flags.testFeatures, flags.testLabels, ['--test-features', '--test-labels']);
  if (apart && flags.test !== undefined)
    throw new InputError('give either --test or --test-features and --test-labels');
  const test = apart ?? heldOut(flags);
  const { images, classes: chosenClasses, classCount, threshold, grid, weightsColumn } = flags;
  return { source, test, images, chosenClasses, classCount, threshold, grid, weightsColumn };
}

/**
 * The model over a data set, its moves and the seed.
 * @param pi prior probabilities: one, one a class or one a weight
 * @throws InputError
 */
export function chainRule(
  data: DataSet,
  flags: Pick<SamplingFlags, 'pinned' | 'seed'>,
  pi: number | readonly number[],
): ChainRule {
  const model = buildModel({
    features: data.rows.features,
    classes: data.classes,
    pinned: flags.pinned ?? false,
    pi,
    grid: data.grid,
    lit: litFeatures(data.rows),
  });
  return { model, moves: ALL_MOVES, seed: flags.seed };
}

/** Draws a chain, or the most that a stop rule may take. */
export function wantedDraws({ until, maxDraws = DEFAULT_MAX_DRAWS, draws }: SamplingFlags): number {
  return until ? maxDraws : draws;
}

/**
 * @param autoReplicas chooses the replicas of a chain where that is asked for, given the lowest beta
 * @throws InputError
 */
export function runPlan(
  flags: SamplingFlags & Pick<OutputFlags, 'saveWarmup'>,
  autoReplicas: (betaMin: number) => number,
): RunPlan {
  const { chains, thin, until, maxDraws, saveWarmup = false, warmup, betaStart, temper } = flags;
  if (warmup === 'auto')
    throw new InputError('--warmup auto goes with run and coordinator: give a number of sweeps');
  if (maxDraws !== undefined && !until)
    throw new InputError('--max-draws needs --until, the rule that may stop before');
  const draws = wantedDraws(flags);
  if (saveWarmup && thin > warmup) {
    throw new InputError(`--save-warmup needs --warmup of at least --thin (${thin}) sweeps, got ${warmup}`);
  }
  const plan = { chains, draws, thin, ...(saveWarmup ? { saveWarmup } : {}) };
  if (temper === undefined) {
    for (const name of ['betaMin', 'exchangeEvery'] as const) {
      if (flags[name] === undefined) continue;
      throw new InputError(`--${name === 'betaMin' ? 'beta-min' : 'exchange-every'} needs --temper`);
    }
    return { ...plan, warmupBetasQ: geometricBetasQ(warmup, betaStart) };
  }
  const { betaMin = 0, exchangeEvery = 1 } = flags;
  const replicas = temper === 'auto' ? autoReplicas(betaMin) : temper;
  return temperedPlan(plan, { sweeps: warmup, betaStart }, { replicas, betaMin, exchangeEvery });
}

/** Whether rows can be cut into so many shards. @throws InputError */
export function checkShards(shards: number, rows: Rows): void {
  if (shards > rows.count) {
    throw new InputError(
      `--shards must be at most ${rows.count}, the rows of the data (repeated ones merged), got ${shards}`,
    );
  }
  const total = rows.weights.reduce((sum, weight) => sum + weight, 0);
  const least = Math.ceil(total / MAX_SHARD_WEIGHT);
  if (shards < least) {
    throw new InputError(
      `--shards must be at least ${least}: a shard holds up to ${MAX_SHARD_WEIGHT} rows of ${total}, got ${shards}`,
    );
  }
}

/** @throws InputError when the output flags contradict each other */
export function checkOutput({ out, force, resume }: OutputFlags): void {
  if (resume && out === undefined)
    throw new InputError('--resume needs --out, the folder of the run to go on with');
  if (resume && force) throw new InputError('give either --resume or --force, not both');
}

/** Folder of a run's draws unless one is named: runs/<name>-<time>, the time in UTC to the second. */
export function defaultOut(name: string, now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `runs/${name}-${time}`;
}

/**
 * The command that goes on with a run that stopped.
 * @param words of the command line, after the program's name
 * @param raised the number of draws and its flag, where a client has raised it
 */
export function resumeCommand(
  words: readonly string[],
  out: string,
  raised?: { readonly flag: string; readonly draws: number },
): string {
  const kept = words.filter((word) => word !== '--force' && word !== '--resume');
  const named = kept.some((word) => word === '--out' || word.startsWith('--out='));
  const more = raised ? [raised.flag, `${raised.draws}`] : [];
  const all = [...kept, ...(named ? [] : ['--out', out]), ...more, '--resume'];
  return ['npx bitgibbs', ...all.map(shellWord)].join(' ');
}

function shellWord(word: string): string {
  return /^[\w./:,=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
