/**
 * Errors of services with details: google.rpc.Status in the trailer grpc-status-details-bin, as Google's API design
 * guide has them, so that programs need not read the text.
 */
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo } from 'nice-grpc-error-details';
import { Status } from 'nice-grpc-error-details/lib/proto/google/rpc/status.js';

const TRAILER = 'grpc-status-details-bin';
const DOMAIN = 'bitgibbs.v1';

/** What is wrong with one field of a request. */
export interface FieldViolation {
  /** Path of the field as in the .proto file, as `cursors.next_draw`. */
  readonly field: string;
  /** What would be right, and what came. */
  readonly description: string;
}

/** What a call ends with when it is emitted as its error. */
export interface CallError {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

function callError(code: status, details: string, typeName: string, value: Uint8Array): CallError {
  const any = { $type: 'google.protobuf.Any' as const, typeUrl: `type.googleapis.com/${typeName}`, value };
  const rich = Status.encode(Status.fromPartial({ code, message: details, details: [any] })).finish();
  const metadata = new Metadata();
  metadata.set(TRAILER, Buffer.from(rich));
  return { code, details, metadata };
}

/** INVALID_ARGUMENT. @param violations at least one */
export function badRequest(violations: readonly FieldViolation[]): CallError {
  const details = violations.map(({ field, description }) => `${field} ${description}`).join('; ');
  const value = BadRequest.encode(BadRequest.fromPartial({ fieldViolations: [...violations] })).finish();
  return callError(status.INVALID_ARGUMENT, details, BadRequest.$type, value);
}

/** @param reason one word for programs, as OTHER_RUN */
export function refusal(code: status, reason: string, details: string): CallError {
  const value = ErrorInfo.encode(ErrorInfo.fromPartial({ reason, domain: DOMAIN })).finish();
  return callError(code, details, ErrorInfo.$type, value);
}

function detailOf(error: ServiceError, typeName: string): Uint8Array | undefined {
  const [bytes] = error.metadata?.get(TRAILER) ?? [];
  if (!(bytes instanceof Uint8Array)) return undefined;
  return Status.decode(bytes).details.find(({ typeUrl }) => typeUrl.endsWith(`/${typeName}`))?.value;
}

/** The fields that an error names; none where it brings no such details. */
export function fieldViolations(error: ServiceError): FieldViolation[] {
  const value = detailOf(error, BadRequest.$type);
  if (!value) return [];
  return BadRequest.decode(value).fieldViolations.map(({ field, description }) => ({ field, description }));
}

/** The one-word reason of a refusal, as OTHER_RUN; undefined where it has none. */
export function reasonOf(error: ServiceError): string | undefined {
  const value = detailOf(error, ErrorInfo.$type);
  return value && ErrorInfo.decode(value).reason;
}
