/** Which draws a reader wants, from its request. */
import { status } from '@grpc/grpc-js';
import { v1 } from '../wire/messages.js';
import { badRequest, refusal, type CallError, type FieldViolation } from '../wire/rich-error.js';
import type { StreamDrawsRequest } from '../wire/services.js';

export type DrawEncoding = 'bits' | 'changes' | 'none';

export interface WantedDraws {
  /** Number of the first draw wanted of each chain; infinite for chains that are not. */
  readonly next: readonly number[];
  readonly follow: boolean;
  /** Draws whose number is a multiple of this. */
  readonly every: number;
  /** Draws with smaller numbers than this. */
  readonly to: number;
  readonly encoding: DrawEncoding;
}

export interface ServedRun {
  readonly drawsId: string;
  readonly chains: number;
  /** Draws a chain that there are to be. */
  readonly draws: number;
}

const ENCODINGS: Readonly<Record<number, DrawEncoding>> = {
  [v1.DrawEncoding.DRAW_ENCODING_UNSPECIFIED]: 'bits',
  [v1.DrawEncoding.DRAW_ENCODING_BITS]: 'bits',
  [v1.DrawEncoding.DRAW_ENCODING_CHANGES]: 'changes',
  [v1.DrawEncoding.DRAW_ENCODING_NONE]: 'none',
};

function violationsOf(request: StreamDrawsRequest, { chains, draws }: ServedRun): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const check = (field: string, value: number, most: number, what: string): void => {
    if (value > most)
      violations.push({ field, description: `must be at most ${most}, ${what}, got ${value}` });
  };
  const lastChain = 'the number of the last chain';
  check('from_draw', request.fromDraw ?? 0, draws, "the run's draws a chain");
  for (const chain of request.chains ?? []) check('chains', chain, chains - 1, lastChain);
  const cursors = request.cursors ?? [];
  for (const { chain, nextDraw } of cursors) {
    check('cursors.chain', chain ?? 0, chains - 1, lastChain);
    check('cursors.next_draw', nextDraw ?? 0, draws, "the run's draws a chain");
  }
  if (new Set(cursors.map(({ chain }) => chain ?? 0)).size < cursors.length) {
    violations.push({ field: 'cursors.chain', description: 'must name each chain once at most' });
  }
  if (!ENCODINGS[request.encoding ?? 0]) {
    const description = `must be a DrawEncoding, 0 to 3, got ${request.encoding}`;
    violations.push({ field: 'encoding', description });
  }
  return violations;
}

/** What is wanted, or why it can't be had. */
export function wantedDraws(request: StreamDrawsRequest, run: ServedRun): WantedDraws | CallError {
  const { drawsId, chains } = run;
  if (request.drawsId && request.drawsId !== drawsId) {
    const details = `draws_id is ${request.drawsId}, this coordinator serves the draws ${drawsId}`;
    return refusal(status.FAILED_PRECONDITION, 'OTHER_RUN', details);
  }
  const violations = violationsOf(request, run);
  if (violations.length > 0) return badRequest(violations);
  const only = new Set(request.chains?.length ? request.chains : Array.from({ length: chains }, (_, c) => c));
  const cursors = new Map((request.cursors ?? []).map(({ chain, nextDraw }) => [chain ?? 0, nextDraw ?? 0]));
  return {
    next: Array.from({ length: chains }, (_, chain) =>
      only.has(chain) ? (cursors.get(chain) ?? request.fromDraw ?? 0) : Infinity,
    ),
    follow: request.follow ?? false,
    every: request.every || 1,
    to: request.toDraw || Infinity,
    encoding: ENCODINGS[request.encoding ?? 0]!,
  };
}
