/** GetSummary: asks whoever can sum the draws up. */
import { status, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { encodeSummary, type RunSummary } from '../wire/codec/summary.js';
import { badRequest, refusal } from '../wire/rich-error.js';
import type { GetSummaryRequest, GetSummaryResponse } from '../wire/services.js';

export interface SummarySource {
  /** A summary, or what is wrong with the weights asked for; nothing before the first draw. */
  make(wanted: {
    readonly weights: readonly { readonly feature: number; readonly class: number }[];
    readonly worst: number;
  }): Promise<{ readonly summary: RunSummary } | { readonly wrong: string } | undefined>;
  close(): Promise<void>;
}

export type SummaryCall = ServerUnaryCall<GetSummaryRequest, GetSummaryResponse>;

/** @param samplingSeconds in which the draws were made; 0 where that is not known */
export async function answerSummary(
  { request }: SummaryCall,
  answer: sendUnaryData<GetSummaryResponse>,
  source: SummarySource | undefined,
  samplingSeconds: () => number,
): Promise<void> {
  if (!source) {
    return answer(
      refusal(status.UNIMPLEMENTED, 'NO_FOLDER', 'this coordinator keeps its draws in memory only'),
    );
  }
  const weights = (request.weights ?? []).map(({ feature, classIndex }) => ({
    ...{ feature: feature ?? 0, class: classIndex ?? 0 },
  }));
  try {
    const made = await source.make({ weights, worst: request.worst ?? 0 });
    if (!made) return answer(refusal(status.FAILED_PRECONDITION, 'NO_DRAWS', 'the run has no draws yet'));
    if ('wrong' in made) return answer(badRequest([{ field: 'weights', description: made.wrong }]));
    answer(null, encodeSummary(made.summary, samplingSeconds()));
  } catch (error) {
    answer(refusal(status.UNAVAILABLE, 'NO_SUMMARY', error instanceof Error ? error.message : String(error)));
  }
}
