/** What the brain says to a worker. */
import type { Attach, Audit, Detach, Load, Walk } from '../../coordinator/brain/messages.js';
import { packWeights } from '../../posterior/weights.js';
import { MAX_MEMBERS } from '../../sampler/owners.js';
import { bytesOf, needed, wholeUpTo, wholesUpTo } from '../check.js';
import type { v1 } from '../messages.js';
import { decodeBits } from './report.js';
import type { RunSize } from './walk.js';
import { decodeJob, encodeJob } from './walk.js';

/** More shards than any run has: a bound for what is believed. */
export const MAX_SHARDS = 1_000_000;

/** Commands that go to a worker. */
export type WorkerCommand = Load | Attach | Walk | Detach | Audit;

/** The same object for a round that goes to several workers. */
export function encodeCommand(command: WorkerCommand): v1.JoinResponse.$Shape {
  switch (command.type) {
    case 'load':
      return { load: { shards: [...command.shards] } };
    case 'attach':
      return { attach: encodeAttach(command) };
    case 'walk':
      return encodeWalk(command);
    case 'detach':
      return { detach: { epoch: command.epoch, chains: [...command.chains] } };
    case 'audit':
      return { audit: { epoch: command.epoch, chain: command.chain } };
  }
}

/**
 * The last round: all members of a group walk the same jobs one after the other, and get one message that is made once.
 * No WeakMap, which would keep all its messages alive until the next full collection.
 */
let last: { readonly jobs: Walk['jobs']; readonly message: v1.JoinResponse.$Shape } | undefined;

function encodeWalk({ epoch, round, jobs }: Walk): v1.JoinResponse.$Shape {
  if (last?.jobs === jobs && last.message.walk?.epoch === epoch && last.message.walk.round === round) {
    return last.message;
  }
  last = { jobs, message: { walk: { epoch, round, jobs: jobs.map(encodeJob) } } };
  return last.message;
}

function encodeAttach(command: Attach): v1.Attach.$Properties {
  const { epoch, owners, self } = command;
  return {
    epoch,
    shards: [...command.shards],
    owners,
    self,
    wantFlipDeltas: command.wantFlipDeltas,
    chains: command.chains.map(({ chain, w }) => ({ chain, bits: packWeights(w) })),
  };
}

function decodeAttach(message: v1.Attach.$Properties, worker: number, size: RunSize): Attach {
  return {
    type: 'attach',
    worker,
    epoch: message.epoch ?? 0,
    shards: wholesUpTo(message.shards, MAX_SHARDS, 'attach.shards'),
    owners: Uint8Array.from(bytesOf(message.owners, size.features, 'attach.owners')),
    self: wholeUpTo(message.self, MAX_MEMBERS, 'attach.self'),
    wantFlipDeltas: message.wantFlipDeltas ?? false,
    chains: (message.chains ?? []).map((state) => ({
      chain: wholeUpTo(state.chain, size.chains - 1, 'attach.chains.chain'),
      w: decodeBits(state.bits, size.weights, 'attach.chains.bits'),
    })),
  };
}

/**
 * A command from a coordinator's message; messages that are no commands of the brain (welcome, finish, heartbeat) are
 * the caller's.
 * @throws WireError
 */
export function decodeCommand(
  message: v1.JoinResponse.$Properties,
  worker: number,
  size: RunSize,
): WorkerCommand {
  if (message.load) {
    return { type: 'load', worker, shards: wholesUpTo(message.load.shards, MAX_SHARDS, 'load.shards') };
  }
  if (message.attach) return decodeAttach(message.attach, worker, size);
  if (message.walk) {
    const { epoch, round, jobs } = message.walk;
    const decoded = (jobs ?? []).map((job) => decodeJob(job, size));
    return { type: 'walk', worker, epoch: epoch ?? 0, round: round ?? 0, jobs: decoded };
  }
  if (message.detach) {
    const chains = wholesUpTo(message.detach.chains, size.chains - 1, 'detach.chains');
    return { type: 'detach', worker, epoch: message.detach.epoch ?? 0, chains };
  }
  const audit = needed(message.audit, 'a known message');
  const chain = wholeUpTo(audit.chain, size.chains - 1, 'audit.chain');
  return { type: 'audit', worker, epoch: audit.epoch ?? 0, chain };
}
