/** The gRPC services of bitgibbs.v1, as the service definitions that grpc-js takes. */
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import type protobuf from 'protobufjs/minimal.js';
import { v1 } from './messages.js';

/** The static side of a generated message. */
interface MessageCodec<T> {
  encode(message: T): protobuf.Writer;
  decode(bytes: Uint8Array): T;
}

interface Streams {
  readonly request?: boolean;
  readonly response?: boolean;
}

function method<Request, Response>(
  path: string,
  request: MessageCodec<Request>,
  response: MessageCodec<Response>,
  streams: Streams,
): MethodDefinition<Request, Response> {
  return {
    path,
    requestStream: streams.request ?? false,
    responseStream: streams.response ?? false,
    requestSerialize: (message) => request.encode(message).finish() as Buffer,
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => response.encode(message).finish() as Buffer,
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}

export type JoinRequest = v1.JoinRequest.$Properties;
export type JoinResponse = v1.JoinResponse.$Properties;
export type PullShardRequest = v1.PullShardRequest.$Properties;
export type PullShardResponse = v1.PullShardResponse.$Properties;
export type GetRunRequest = v1.GetRunRequest.$Properties;
export type GetRunResponse = v1.GetRunResponse.$Properties;
export type StreamDrawsRequest = v1.StreamDrawsRequest.$Properties;
export type StreamDrawsResponse = v1.StreamDrawsResponse.$Properties;

const WORKER = 'bitgibbs.v1.WorkerService';
const CHAIN = 'bitgibbs.v1.ChainService';

export const WORKER_SERVICE_NAME = WORKER;
export const CHAIN_SERVICE_NAME = CHAIN;

export const workerService = {
  join: method<JoinRequest, JoinResponse>(`/${WORKER}/Join`, v1.JoinRequest, v1.JoinResponse, {
    request: true,
    response: true,
  }),
  pullShard: method<PullShardRequest, PullShardResponse>(
    `/${WORKER}/PullShard`,
    v1.PullShardRequest,
    v1.PullShardResponse,
    { response: true },
  ),
} satisfies ServiceDefinition;

export const chainService = {
  getRun: method<GetRunRequest, GetRunResponse>(`/${CHAIN}/GetRun`, v1.GetRunRequest, v1.GetRunResponse, {}),
  streamDraws: method<StreamDrawsRequest, StreamDrawsResponse>(
    `/${CHAIN}/StreamDraws`,
    v1.StreamDrawsRequest,
    v1.StreamDrawsResponse,
    { response: true },
  ),
} satisfies ServiceDefinition;
