/** The gRPC services of bitgibbs.v1, as the service definitions that grpc-js takes. */
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { decodeChecked, encodeChecked, type MessageCodec } from './checksum.js';
import { v1 } from './messages.js';

function method<Request, Response>(
  path: string,
  request: MessageCodec<Request>,
  response: MessageCodec<Response>,
  { responseStream }: { readonly responseStream: boolean },
): MethodDefinition<Request, Response> {
  return {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: (message) => request.encode(message).finish() as Buffer,
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => response.encode(message).finish() as Buffer,
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}

/** In place of a request that can't be read: the reason. */
export interface Damaged {
  readonly damaged?: string;
}

/** A message that goes to several workers keeps its bytes once the first of them gets it. */
interface Encoded {
  encoded?: Buffer;
}

export type JoinRequest = v1.JoinRequest.$Properties & Damaged;
export type JoinResponse = v1.JoinResponse.$Properties & Encoded;
export type PullShardRequest = v1.PullShardRequest.$Properties;
export type PullShardResponse = v1.PullShardResponse.$Properties;
export type GetRunRequest = v1.GetRunRequest.$Properties;
export type GetRunResponse = v1.GetRunResponse.$Properties;
export type GetStatusRequest = v1.GetStatusRequest.$Properties;
export type GetStatusResponse = v1.GetStatusResponse.$Properties;
export type StreamEventsRequest = v1.StreamEventsRequest.$Properties;
export type StreamEventsResponse = v1.StreamEventsResponse.$Properties;
export type GetSummaryRequest = v1.GetSummaryRequest.$Properties;
export type GetSummaryResponse = v1.GetSummaryResponse.$Properties;
export type ExtendRunRequest = v1.ExtendRunRequest.$Properties;
export type ExtendRunResponse = v1.ExtendRunResponse.$Properties;
export type StopRunRequest = v1.StopRunRequest.$Properties;
export type StopRunResponse = v1.StopRunResponse.$Properties;
export type StreamDrawsRequest = v1.StreamDrawsRequest.$Properties;
export type StreamDrawsResponse = v1.StreamDrawsResponse.$Properties;

const WORKER = 'bitgibbs.v1.WorkerService';
const CHAIN = 'bitgibbs.v1.ChainService';

export const WORKER_SERVICE_NAME = WORKER;
export const CHAIN_SERVICE_NAME = CHAIN;

function serializeResponse(message: JoinResponse): Buffer {
  return message.walk
    ? (message.encoded ??= encodeChecked(v1.JoinResponse, message))
    : encodeChecked(v1.JoinResponse, message);
}

/** Its messages carry checksums. */
const join: MethodDefinition<JoinRequest, JoinResponse> = {
  path: `/${WORKER}/Join`,
  requestStream: true,
  responseStream: true,
  requestSerialize: (message) => encodeChecked(v1.JoinRequest, message),
  requestDeserialize: (bytes) => {
    try {
      return decodeChecked(v1.JoinRequest, bytes);
    } catch (error) {
      // An error here would end the call without a word on either side.
      return { damaged: error instanceof Error ? error.message : String(error) };
    }
  },
  responseSerialize: serializeResponse,
  responseDeserialize: (bytes) => decodeChecked(v1.JoinResponse, bytes),
};

export const workerService = {
  join,
  pullShard: method<PullShardRequest, PullShardResponse>(
    `/${WORKER}/PullShard`,
    v1.PullShardRequest,
    v1.PullShardResponse,
    { responseStream: true },
  ),
} satisfies ServiceDefinition;

const oneAnswer = { responseStream: false };
const manyAnswers = { responseStream: true };

export const chainService = {
  getRun: method<GetRunRequest, GetRunResponse>(
    `/${CHAIN}/GetRun`,
    v1.GetRunRequest,
    v1.GetRunResponse,
    oneAnswer,
  ),
  getStatus: method<GetStatusRequest, GetStatusResponse>(
    `/${CHAIN}/GetStatus`,
    v1.GetStatusRequest,
    v1.GetStatusResponse,
    oneAnswer,
  ),
  getSummary: method<GetSummaryRequest, GetSummaryResponse>(
    `/${CHAIN}/GetSummary`,
    v1.GetSummaryRequest,
    v1.GetSummaryResponse,
    oneAnswer,
  ),
  streamDraws: method<StreamDrawsRequest, StreamDrawsResponse>(
    `/${CHAIN}/StreamDraws`,
    v1.StreamDrawsRequest,
    v1.StreamDrawsResponse,
    manyAnswers,
  ),
  streamEvents: method<StreamEventsRequest, StreamEventsResponse>(
    `/${CHAIN}/StreamEvents`,
    v1.StreamEventsRequest,
    v1.StreamEventsResponse,
    manyAnswers,
  ),
  extendRun: method<ExtendRunRequest, ExtendRunResponse>(
    `/${CHAIN}/ExtendRun`,
    v1.ExtendRunRequest,
    v1.ExtendRunResponse,
    oneAnswer,
  ),
  stopRun: method<StopRunRequest, StopRunResponse>(
    `/${CHAIN}/StopRun`,
    v1.StopRunRequest,
    v1.StopRunResponse,
    oneAnswer,
  ),
} satisfies ServiceDefinition;
