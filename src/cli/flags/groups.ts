/** The flags, in groups that commands share. Every flag can also be given as a variable BITGIBBS_*. */
import { Option, type Command } from 'commander';
import type { StopRule } from '../../diagnostics/stop-rule.js';
import { MAX_CLASSES, MIN_CLASSES } from '../../posterior/grid.js';
import type { FeatureGrid } from '../../posterior/model.js';
import { MAX_SEED } from '../../posterior/stream.js';
import { DEFAULT_BETA_START } from '../../sampler/run-plan.js';
import { MAX_REPLICAS, MIN_REPLICAS } from '../../sampler/tempering/tempering.js';
import { formatAddress } from '../../wire/address.js';
import type { KernelChoice } from '../../kernel/create.js';
import { addAll, flag } from './flag.js';
import type { ProcessFlags } from './process.js';
import type { TlsFlags } from './security.js';
import {
  finite,
  fraction,
  grid,
  heldOut,
  hostPort,
  labels,
  positive,
  prior,
  stopRule,
  unit,
  whole,
  wholeOr,
} from './values.js';

export const KERNEL_CHOICES: readonly KernelChoice[] = ['auto', 'wasm', 'tfjs'];

/** Draws a chain at most. */
export const MOST_DRAWS = 2 ** 31;

/** Warm-up sweeps where none are named, and of the first trial of `--warmup auto`. */
export const DEFAULT_WARMUP = 120;

/** Warm-up sweeps of the last trial at most, where `--max-warmup` names none. */
export const DEFAULT_MAX_WARMUP = 1920;

/** Warm-up sweeps at most. */
const MOST_WARMUP = 2 ** 24;

/** Draws a chain with a stop rule, where none are named. */
export const DEFAULT_MAX_DRAWS = 10_000;

export interface DataFlags {
  readonly features?: string;
  readonly labels?: string;
  /** Share of the rows, or a file. */
  readonly test?: number | string;
  readonly testSeed?: number;
  readonly testFeatures?: string;
  readonly testLabels?: string;
  /** Name or number of a column. */
  readonly weightsColumn?: string;
  readonly images?: number;
  readonly classes?: readonly (number | string)[];
  readonly classCount?: number;
  readonly threshold?: number;
  readonly grid?: FeatureGrid;
}

export interface SamplingFlags {
  /** Prior probabilities, or a file of them. */
  readonly pi: number | readonly number[] | string;
  readonly pinned?: boolean;
  readonly chains: number;
  readonly draws: number;
  readonly until?: StopRule;
  readonly maxDraws?: number;
  readonly thin: number;
  readonly warmup: number | 'auto';
  /** Budget of `--warmup auto`. */
  readonly maxWarmup?: number;
  readonly betaStart: number;
  /** Replicas of a chain; absent where chains walk alone. */
  readonly temper?: number | 'auto';
  readonly betaMin?: number;
  readonly exchangeEvery?: number;
  readonly seed: number;
}

export interface OutputFlags {
  readonly out?: string;
  readonly force?: boolean;
  readonly resume?: boolean;
  readonly saveWarmup?: boolean;
}

export interface WorkerFlags extends MetricsFlags, TlsFlags, ProcessFlags {
  readonly coordinator: string;
  readonly threads: number;
  readonly kernel: KernelChoice;
  /** GiB */
  readonly memory?: number;
  /** Seconds that a coordinator is waited for at first. */
  readonly wait: number;
  readonly child?: boolean;
}

export function addDataFlags(command: Command): Command {
  return addAll(command.optionsGroup('Data:'), [
    flag('--features <file>', 'CSV, NPY or IDX file of features, beside --labels'),
    flag('--labels <file>', 'the labels 0, 1, .. in a file of the same kind'),
    flag(
      '--test <share or file>',
      'held-out rows: a share of the rows (as 0.2), a CSV file whose last column is the label, or NPZ',
      heldOut,
    ),
    flag('--test-seed <N>', 'seed that chooses the rows of --test 0.2', whole(0, MAX_SEED)).default(1),
    flag('--test-features <file>', 'held-out features, beside --test-labels'),
    flag('--test-labels <file>', 'held-out labels'),
    flag(
      '--weights-column <name or number>',
      'column of the CSV files with features that says how often each row counts: whole numbers from 1',
    ),
    flag('--images <N>', 'only the first N training rows', whole(1)),
    flag('--classes <list>', 'only these labels, renumbered in this order, as 0,1,2 or cat,dog', labels),
    flag('--class-count <K>', 'K, to have more classes than labels', whole(MIN_CLASSES, MAX_CLASSES)),
    flag('--threshold <T>', 'a raw value above T is a 1 (mnist, mnist5x5: 33 unless given)', finite),
    flag('--grid <RxC>', 'the picture that the features of a file form; swap moves join neighbours', grid),
  ]);
}

export function addSamplingFlags(command: Command): Command {
  return addAll(command.optionsGroup('Model and sampling:'), [
    flag(
      '--pi <P>',
      'prior probability that a weight is 1: one, one a class (as .2,.5), or a CSV or NPY file of one a weight (D rows of K)',
      prior,
    ).default(0.5),
    flag('--pinned', 'class 0 has no weights: logit p = x w'),
    flag('--chains <C>', 'chains', whole(1, 10_000)).default(4),
    flag('--draws <M>', 'draws a chain', whole(1, MOST_DRAWS)).default(20),
    flag(
      '--until <rule>',
      'draw until R-hat and effective sizes are so good, as rhat=1.01,ess=400',
      stopRule,
    ).conflicts('draws'),
    flag(
      '--max-draws <M>',
      `draws a chain at most, with --until (default: ${DEFAULT_MAX_DRAWS})`,
      whole(1, MOST_DRAWS),
    ),
    flag('--thin <T>', 'sweeps a draw', whole(1, 2 ** 20)).default(1),
    flag(
      '--warmup <sweeps>',
      'annealed sweeps before the first draw; auto begins anew with twice as many while chains disagree',
      wholeOr('auto', 0, MOST_WARMUP),
    ).default(DEFAULT_WARMUP),
    flag(
      '--max-warmup <sweeps>',
      `with --warmup auto, where to stop doubling (default: ${DEFAULT_MAX_WARMUP})`,
      whole(DEFAULT_WARMUP, MOST_WARMUP),
    ),
    flag('--beta-start <B>', 'inverse temperature of the first warm-up sweep', fraction(true)).default(
      DEFAULT_BETA_START,
    ),
    flag(
      '--temper [replicas]',
      'parallel tempering: replicas of each chain at higher temperatures; auto chooses how many',
      wholeOr('auto', MIN_REPLICAS, MAX_REPLICAS),
    ).preset('auto'),
    flag('--beta-min <B>', 'lowest inverse temperature, with --temper (default: 0, the prior)', unit),
    flag(
      '--exchange-every <sweeps>',
      'sweeps between exchanges, with --temper (default: 1)',
      whole(1, 2 ** 20),
    ),
    flag('--seed <N>', 'seed of the random stream', whole(0, MAX_SEED)).default(1),
  ]);
}

export function addOutputFlags(command: Command): Command {
  return addAll(command.optionsGroup('Output:'), [
    flag('--out <dir>', 'folder of the draws (default: runs/<name>-<time>)'),
    flag('--force', 'replace a run that --out already holds'),
    flag('--resume', 'go on with the run that --out holds'),
    flag(
      '--save-warmup',
      'store warm-up draws too, one every --thin sweeps (groups warmup_posterior and warmup_sample_stats)',
    ),
  ]);
}

export function shardsFlag(): Option {
  const description =
    'every chain is spread over S shards while sampling; auto chooses S for speed and says why';
  return flag('--shards <S>', description, wholeOr('auto', 1, 250)).default(2);
}

export function workersFlag(): Option {
  return flag('--workers <W>', 'worker processes to start', whole(1, 1000)).default(2);
}

/** What a coordinator expects of workers that others start. */
export function expectedWorkersFlags(): Option[] {
  return [
    flag('--workers <W>', 'begin when so many workers are there', whole(1, 1000)).default(1),
    flag('--worker-threads <T>', 'threads of each, for --shards auto', whole(1, 1024)).default(1),
    flag(
      '--worker-memory <GiB>',
      'memory of each, for --shards auto (default: as on this machine)',
      positive,
    ),
  ];
}

export function threadsFlag(): Option {
  return flag('--threads <T>', 'threads a worker; each works on other chains', whole(1, 1024)).default(1);
}

export function kernelFlag(description = 'auto times both and takes the faster'): Option {
  return flag('--kernel <name>', description).choices(KERNEL_CHOICES).default('auto');
}

export function metricsFlags(): Option[] {
  return [
    flag(
      '--metrics-port <port>',
      'serve /metrics, /livez and /readyz over HTTP; a coordinator also a live page at /',
      whole(0, 65535),
    ),
    flag('--metrics-host <host>', 'address that the metrics are served at').default('127.0.0.1'),
  ];
}

export interface MetricsFlags {
  readonly metricsPort?: number;
  readonly metricsHost: string;
}

/** host:port of the metrics server, where one is wanted. */
export function metricsAddress({ metricsPort, metricsHost }: MetricsFlags): string | undefined {
  if (metricsPort === undefined) return undefined;
  return formatAddress({ host: metricsHost, port: metricsPort });
}

export function memoryFlag(): Option {
  return flag('--memory <GiB>', 'memory for shards and chains (default: half of what is free)', positive);
}

export function coordinatorFlag(): Option {
  return flag('--coordinator <host:port>', 'address of the coordinator', hostPort).makeOptionMandatory();
}

export function listenFlag(): Option {
  return flag('--listen <host:port>', 'address to serve workers and clients at', hostPort).default(
    '127.0.0.1:7070',
  );
}

export function stayFlag(): Option {
  return flag('--stay', 'serve the draws of the finished run until a signal, in place of ending');
}

export function waitFlag(): Option {
  return flag('--wait <seconds>', 'how long a coordinator is waited for at first', positive).default(30);
}

/** Set by `run` for the workers that it starts: end when standard input does, leave interrupts to the parent. */
export function childFlag(): Option {
  return new Option('--child').hideHelp();
}
