/** How a run stands, as clients are told. */
import type { RunPhase, RunStatus, WorkerPhase, WorkerStatus } from '../../coordinator/status.js';
import { v1 } from '../messages.js';
import { decodeCounts } from './report.js';
import { decodeKernelChoice } from './rule.js';

const RUN_PHASES: Readonly<Record<RunPhase, v1.RunPhase>> = {
  waiting: v1.RunPhase.RUN_PHASE_WAITING,
  'warm-up': v1.RunPhase.RUN_PHASE_WARMUP,
  sampling: v1.RunPhase.RUN_PHASE_SAMPLING,
  finished: v1.RunPhase.RUN_PHASE_FINISHED,
  stopped: v1.RunPhase.RUN_PHASE_STOPPED,
};

const WORKER_PHASES: Readonly<Record<WorkerPhase, v1.WorkerPhase>> = {
  idle: v1.WorkerPhase.WORKER_PHASE_IDLE,
  loading: v1.WorkerPhase.WORKER_PHASE_LOADING,
  working: v1.WorkerPhase.WORKER_PHASE_WORKING,
  leaving: v1.WorkerPhase.WORKER_PHASE_LEAVING,
};

/** The name of a value; `other` for values that only later versions know. */
export function nameOf<Name extends string>(
  names: Readonly<Record<Name, number>>,
  value: number | null | undefined,
  other: Name,
): Name {
  const found = Object.entries(names).find(([, number]) => number === value);
  return (found?.[0] as Name | undefined) ?? other;
}

export function encodePhase(phase: RunPhase): v1.RunPhase {
  return RUN_PHASES[phase];
}

export function decodePhase(phase: v1.RunPhase | null | undefined): RunPhase {
  return nameOf(RUN_PHASES, phase, 'waiting');
}

/** @param totalSweeps a chain, warm-up included */
export function encodeStatus(status: RunStatus, totalSweeps: number): v1.GetStatusResponse.$Properties {
  const { phase, drawsStored, drawsWanted, wrongGuesses, chains, workers, ...same } = status;
  return {
    ...same,
    phase: encodePhase(phase),
    storedDraws: drawsStored,
    draws: drawsWanted,
    wrongFlipGuesses: wrongGuesses.flips,
    wrongSwapGuesses: wrongGuesses.swaps,
    chains: [...chains],
    workers: workers.map(({ state, shards, ...worker }) => ({
      ...worker,
      phase: WORKER_PHASES[state],
      shards: [...shards],
    })),
    totalSweeps,
  };
}

function decodeWorker(message: v1.WorkerStatus.$Properties): WorkerStatus {
  return {
    worker: message.worker ?? 0,
    name: message.name ?? '',
    threads: message.threads ?? 0,
    memoryBytes: message.memoryBytes ?? 0,
    kernel: decodeKernelChoice(message.kernel, 'workers.kernel'),
    state: nameOf(WORKER_PHASES, message.phase, 'idle'),
    shards: message.shards ?? [],
  };
}

/** @throws WireError */
export function decodeStatus(message: v1.GetStatusResponse.$Properties): RunStatus {
  return {
    runId: message.runId ?? '',
    phase: decodePhase(message.phase),
    elapsedSeconds: message.elapsedSeconds ?? 0,
    chains: (message.chains ?? []).map((chain) => ({
      chain: chain.chain ?? 0,
      sweep: chain.sweep ?? 0,
      beta: chain.beta ?? 0,
      lp: chain.lp ?? undefined,
      logLikQ: chain.logLikQ ?? undefined,
      draws: chain.draws ?? 0,
    })),
    sweepsDone: message.sweepsDone ?? 0,
    sweepsPerSecond: message.sweepsPerSecond ?? 0,
    drawsStored: message.storedDraws ?? 0,
    drawsWanted: message.draws ?? 0,
    moves: decodeCounts(message.moves ?? {}, 'moves'),
    rounds: message.rounds ?? 0,
    wrongGuesses: { flips: message.wrongFlipGuesses ?? 0, swaps: message.wrongSwapGuesses ?? 0 },
    sitesWalked: message.sitesWalked ?? 0,
    sitesNeeded: message.sitesNeeded ?? 0,
    audits: message.audits ?? 0,
    bytesReceived: message.bytesReceived ?? 0,
    bytesSent: message.bytesSent ?? 0,
    workers: (message.workers ?? []).map(decodeWorker),
  };
}
