/** What goes wrong between a client and its coordinator. */
import { status } from '@grpc/grpc-js';
import { isServiceError } from '../wire/client.js';
import { fieldViolations, reasonOf, type FieldViolation } from '../wire/rich-error.js';

/** A call that failed. */
export class ClientError extends Error {
  override name = 'ClientError';
  /** Name of the gRPC status, as INVALID_ARGUMENT. */
  readonly code: string;
  /** Fields of the request that are wrong, where the coordinator names them. */
  readonly fields: readonly FieldViolation[];
  /** One word for programs, as OTHER_RUN, where the coordinator gives one. */
  readonly reason: string | undefined;

  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { readonly fields?: readonly FieldViolation[]; readonly reason?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.fields = options.fields ?? [];
    this.reason = options.reason;
  }
}

/** Errors of calls in words; others as they are. */
export function inWords(error: unknown, address: string): unknown {
  if (!isServiceError(error)) return error;
  const { code, details } = error;
  const options = { cause: error, fields: fieldViolations(error), reason: reasonOf(error) };
  if (code === status.DEADLINE_EXCEEDED) {
    return new ClientError('DEADLINE_EXCEEDED', `the coordinator at ${address} took too long`, options);
  }
  const text =
    code === status.UNAVAILABLE && options.reason === undefined
      ? `the coordinator at ${address} can't be reached`
      : `the coordinator at ${address} refused: ${details}`;
  return new ClientError(status[code] ?? 'UNKNOWN', text, options);
}

/** Whether a call broke in a way that another try may mend. */
export function isCut(error: unknown): boolean {
  if (!isServiceError(error)) return false;
  return [status.UNAVAILABLE, status.INTERNAL, status.CANCELLED].includes(error.code);
}
