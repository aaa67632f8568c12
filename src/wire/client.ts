/** Typed calls of the services of bitgibbs.v1. */
import {
  Client,
  type ChannelOptions,
  type ClientDuplexStream,
  type ClientReadableStream,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { InputError } from '../posterior/model.js';
import { formatAddress, parseAddress } from './address.js';
import { CHANNEL_OPTIONS } from './channel.js';
import { noteSecured, reasonOf } from './connect-failure.js';
import { channelCredentials, type Identity } from './security/credentials.js';

const RECONNECT: ChannelOptions = {
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.min_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5_000,
  // A process talks to one coordinator at a time; sharing connections would only let an old one's troubles live on.
  'grpc.use_local_subchannel_pool': 1,
};

/**
 * A client of the coordinator at `host:port`; connects when it is first used.
 * @param identity for a coordinator that serves over TLS
 * @throws InputError when the address is malformed
 */
export function makeClient(address: string, identity?: Identity): Client {
  const target = formatAddress(parseAddress(address, 'coordinator address'));
  const client = new Client(target, channelCredentials(identity), { ...CHANNEL_OPTIONS, ...RECONNECT });
  if (identity) noteSecured(client);
  return client;
}

/**
 * Resolves when the coordinator answers, trying again and again within the time given.
 * @throws InputError when nothing answers until then, or what answers can't be trusted
 */
export function waitForCoordinator(client: Client, address: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(new Date(Date.now() + timeoutMs), (error) => {
      if (!error) return resolve();
      const waited = Math.round(timeoutMs / 100) / 10;
      void reasonOf(client).then((reason) =>
        reject(new InputError(`no coordinator answers at ${address} (waited ${waited} s)${reason}`)),
      );
    });
  });
}

export interface UnaryOptions {
  /** The call fails with DEADLINE_EXCEEDED after so long; by default it waits for ever. */
  readonly timeoutMs?: number;
  /** Aborting it cancels the call. */
  readonly signal?: AbortSignal;
}

export function callUnary<Request, Response>(
  client: Client,
  method: MethodDefinition<Request, Response>,
  request: Request,
  { timeoutMs, signal }: UnaryOptions = {},
): Promise<Response> {
  const { path, requestSerialize, responseDeserialize } = method;
  const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  return new Promise<Response>((resolve, reject) => {
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      options,
      (error, response) => {
        signal?.removeEventListener('abort', cancel);
        if (error) reject(error);
        else resolve(response!);
      },
    );
    const cancel = (): void => call.cancel();
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel);
  });
}

export function callServerStream<Request, Response>(
  client: Client,
  method: MethodDefinition<Request, Response>,
  request: Request,
): ClientReadableStream<Response> {
  return client.makeServerStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
  );
}

export function callDuplex<Request, Response>(
  client: Client,
  method: MethodDefinition<Request, Response>,
): ClientDuplexStream<Request, Response> {
  return client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
}

/** Whether an error is a gRPC status. */
export function isServiceError(error: unknown): error is ServiceError {
  return (
    error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number' && 'details' in error
  );
}
