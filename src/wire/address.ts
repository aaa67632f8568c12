/** `host:port` as users write it. */
import { InputError } from '../posterior/model.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Parses `host:port`; an IPv6 host stands in brackets.
 * @param field what the address is of, for the error
 * @throws InputError
 */
export function parseAddress(text: string, field: string): Address {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s/]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65535) {
    throw new InputError(
      `${field} must be host:port with a port up to 65535, as 127.0.0.1:7070, got '${text}'`,
    );
  }
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port };
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The error of a server that can't listen, in words; undefined for errors of another kind. */
export function listenError(error: unknown, address: string, field: string): InputError | undefined {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('EADDRINUSE')) return new InputError(`${field} ${address} is in use by another program`);
  if (text.includes('EACCES'))
    return new InputError(`${field} ${address} needs rights that this process lacks`);
  if (/EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN|resolution failed/i.test(text)) {
    return new InputError(`${field} ${address} names no address of this machine`);
  }
  return undefined;
}
