/** What a worker is told about the run when it joins. */
import type { ChainRule, KernelChoice } from '../../kernel/kernel.js';
import { MAX_CLASSES, MIN_CLASSES } from '../../posterior/grid.js';
import { MAX_FEATURES } from '../../posterior/model.js';
import type { Model } from '../../posterior/model.js';
import { MAX_SEED } from '../../posterior/stream.js';
import { WireError, bytesOf, needed, wholeUpTo } from '../check.js';
import { int32FromBytes, int32ToBytes } from '../int32.js';
import type { v1 } from '../messages.js';

/** More chains than any run has: a bound for what is believed. */
export const MAX_CHAINS = 1_000_000;

export interface WelcomeFacts {
  readonly runId: string;
  readonly worker: number;
  readonly rule: ChainRule;
  readonly chains: number;
  readonly heartbeatMs: number;
  readonly kernel: KernelChoice;
}

export function encodeModel(model: Model): v1.Model.$Properties {
  return {
    features: model.features,
    classes: model.classes,
    pinned: model.pinned,
    priorQ: int32ToBytes(model.priorQ),
    gridRows: model.grid.rows,
    gridColumns: model.grid.columns,
    lit: model.lit,
  };
}

/** @throws WireError */
export function decodeModel(message: v1.Model.$Properties): Model {
  const features = wholeUpTo(message.features, MAX_FEATURES, 'model.features');
  const classes = wholeUpTo(message.classes, MAX_CLASSES, 'model.classes');
  if (features < 1) throw new WireError('model.features must be at least 1');
  if (classes < MIN_CLASSES) throw new WireError(`model.classes must be at least ${MIN_CLASSES}`);
  const grid = { rows: message.gridRows ?? 0, columns: message.gridColumns ?? 0 };
  if (grid.rows * grid.columns !== features) throw new WireError(`model grid must hold ${features} features`);
  return {
    features,
    classes,
    pinned: message.pinned ?? false,
    priorQ: int32FromBytes(bytesOf(message.priorQ, 4 * features * classes, 'model.prior_q'), 'model.prior_q'),
    grid,
    lit: Uint8Array.from(bytesOf(message.lit, features, 'model.lit')),
  };
}

export function encodeWelcome(facts: WelcomeFacts): v1.Welcome.$Properties {
  const { model, moves, seed } = facts.rule;
  return {
    runId: facts.runId,
    worker: facts.worker,
    model: encodeModel(model),
    moves: { rows: moves.rows, swaps: moves.swaps },
    seed,
    chains: facts.chains,
    heartbeatMs: facts.heartbeatMs,
    kernel: facts.kernel,
  };
}

const KERNEL_CHOICES: readonly string[] = ['auto', 'wasm', 'tfjs'] satisfies KernelChoice[];

/** @throws WireError */
export function decodeKernelChoice(text: string | null | undefined, field: string): KernelChoice {
  if (!KERNEL_CHOICES.includes(text ?? '')) {
    throw new WireError(`${field} must be one of ${KERNEL_CHOICES.join(', ')}, got '${text ?? ''}'`);
  }
  return text as KernelChoice;
}

/** @throws WireError */
export function decodeWelcome(message: v1.Welcome.$Properties): WelcomeFacts {
  const moves = needed(message.moves, 'welcome.moves');
  return {
    runId: message.runId ?? '',
    worker: message.worker ?? 0,
    rule: {
      model: decodeModel(needed(message.model, 'welcome.model')),
      moves: { rows: moves.rows ?? false, swaps: moves.swaps ?? false },
      seed: wholeUpTo(message.seed, MAX_SEED, 'welcome.seed'),
    },
    chains: wholeUpTo(message.chains, MAX_CHAINS, 'welcome.chains'),
    heartbeatMs: wholeUpTo(message.heartbeatMs, 3_600_000, 'welcome.heartbeat_ms'),
    kernel: decodeKernelChoice(message.kernel, 'welcome.kernel'),
  };
}
