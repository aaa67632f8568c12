/**
 * Limits of what one call may send. grpc-js has one limit for all calls of a server, and it would have to be that of the
 * largest answer of a worker; so the limit in a call's decoder is set here. The attack tests hold that it works.
 */
import type { Metadata, ServerInterceptor } from '@grpc/grpc-js';
import { REQUEST_BYTES } from './limits.js';

interface Decoding {
  /** As sent. */
  readonly decoder: { maxReadMessageLength: number };
  /** Unpacked, where it came compressed. */
  maxReceiveMessageSize: number;
}

type Call = Parameters<ServerInterceptor>[1];

/** Of the calls whose limit may grow. */
const allowances = new WeakMap<Metadata, (bytes: number) => void>();

/** Messages of a call may have so many bytes from now on. */
export function limitMessages(call: Call, bytes: number): void {
  const decoding = call as unknown as Decoding;
  decoding.decoder.maxReadMessageLength = bytes;
  decoding.maxReceiveMessageSize = bytes;
}

/** Lets whoever serves the call raise its limit. */
export function noteAllowance(metadata: Metadata, call: Call): void {
  allowances.set(metadata, (bytes) => limitMessages(call, bytes));
}

/** Raises the limit of a call to what is due in it. */
export function allowMessages(metadata: Metadata, bytes: number): void {
  allowances.get(metadata)?.(Math.max(bytes, REQUEST_BYTES));
}
