/** Checks of what came over the wire. */

/** A message breaks the protocol; the text is one line that names the field. */
export class WireError extends Error {
  override name = 'WireError';
}

/** A field that must be there. */
export function needed<T>(value: T | null | undefined, field: string): T {
  if (value === null || value === undefined) throw new WireError(`${field} is missing`);
  return value;
}

/** A whole number from 0 to `max`. */
export function wholeUpTo(value: number | null | undefined, max: number, field: string): number {
  const number = value ?? 0;
  if (!Number.isSafeInteger(number) || number < 0 || number > max) {
    throw new WireError(`${field} must be a whole number from 0 to ${max}, got ${number}`);
  }
  return number;
}

/** Whole numbers from 0 to `max`. */
export function wholesUpTo(
  values: readonly number[] | null | undefined,
  max: number,
  field: string,
): number[] {
  return (values ?? []).map((value) => wholeUpTo(value, max, field));
}

/** An integer that a double holds exactly. */
export function exact(value: number | null | undefined, field: string): number {
  const number = value ?? 0;
  if (!Number.isSafeInteger(number)) throw new WireError(`${field} is beyond 2^53`);
  return number;
}

/** A finite number, 0 or more. */
export function atLeastZero(value: number | null | undefined, field: string): number {
  const number = value ?? 0;
  if (!(number >= 0 && number < Infinity)) throw new WireError(`${field} must be at least 0, got ${number}`);
  return number;
}

/** Bytes of a known length. */
export function bytesOf(value: Uint8Array | null | undefined, length: number, field: string): Uint8Array {
  const bytes = value ?? NOTHING;
  if (bytes.length !== length) throw new WireError(`${field} must have ${length} bytes, got ${bytes.length}`);
  return bytes;
}

const NOTHING = new Uint8Array(0);
