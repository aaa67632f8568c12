/** Flags of `bitgibbs plan`, beside those of a run. */
import { InvalidArgumentError, type Option } from 'commander';
import { USUAL_COSTS } from '../../coordinator/scale-model/costs.js';
import type { KernelChoice } from '../../kernel/create.js';
import { flag } from './flag.js';
import type { DataFlags, OutputFlags, SamplingFlags } from './groups.js';
import { positive } from './values.js';

export interface PlanFlags extends DataFlags, SamplingFlags, OutputFlags {
  readonly shards: number | 'auto';
  readonly workers: number;
  readonly threads: number;
  readonly kernel: KernelChoice;
  /** GiB of each worker. */
  readonly memory?: number;
  /** Numbers of workers to play through the scale model. */
  readonly simulate?: readonly number[];
  readonly sweepMs?: number;
  readonly latencyMs: number;
  readonly gbit: number;
  readonly json?: boolean;
}

const MOST_WORKERS = 1024;

/** Numbers of workers separated by commas, as 2,8,64. */
export function workerCounts(text: string): number[] {
  const counts = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : NaN));
  if (counts.every((count) => count >= 1 && count <= MOST_WORKERS)) return counts;
  throw new InvalidArgumentError(
    `It must be numbers of workers from 1 to ${MOST_WORKERS}, separated by commas, as 2,8,64.`,
  );
}

export function planFlags(): Option[] {
  return [
    flag(
      '--simulate <list>',
      'play a run on so many workers, as 2,8,64: the real coordinator against simulated workers',
      workerCounts,
    ),
    flag('--sweep-ms <ms>', 'a sweep of one chain on one thread (default: measured here)', positive),
    flag('--latency-ms <ms>', 'way between coordinator and worker and back', positive).default(
      USUAL_COSTS.latencyMs,
    ),
    flag('--gbit <Gbit/s>', "the coordinator's network, each way", positive).default(10),
    flag('--json', 'one line of JSON'),
  ];
}
