/** From the text of a flag to its value. Each parser throws in words that finish "option '--x' argument 'y' is invalid." */
import { InvalidArgumentError } from 'commander';
import { parseStopRule, type StopRule } from '../../diagnostics/stop-rule.js';
import { type FeatureGrid, InputError } from '../../posterior/model.js';
import { parseAddress } from '../../wire/address.js';

type Parser<T> = (text: string) => T;

const WHOLE = /^\d+$/;

/** Whole numbers written as digits. */
export function whole(low: number, high = Number.MAX_SAFE_INTEGER): Parser<number> {
  const range = high === Number.MAX_SAFE_INTEGER ? `${low} or more` : `from ${low} to ${high}`;
  return (text) => {
    const value = WHOLE.test(text) ? Number(text) : NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${range}.`);
  };
}

/** Whole numbers, or a word. */
export function wholeOr<W extends string>(word: W, low: number, high: number): Parser<number | W> {
  return (text) => {
    if (text === word) return word;
    const value = WHOLE.test(text) ? Number(text) : NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number, from ${low} to ${high}, or ${word}.`);
  };
}

/** Any finite number. */
export function finite(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number.');
}

/** Numbers above 0 and below 1, or at most 1 where `closed`. */
export function fraction(closed: boolean): Parser<number> {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (value > 0 && (closed ? value <= 1 : value < 1)) return value;
    throw new InvalidArgumentError(`It must be a number above 0 and ${closed ? 'at most' : 'below'} 1.`);
  };
}

/** Numbers from 0 to below 1. */
export function unit(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to below 1.');
}

const NUMBERS_FILE = /\.(csv|npy)(\.gz)?$/i;

/** One probability, several separated by commas, or the name of a file. */
export function prior(text: string): number | number[] | string {
  if (NUMBERS_FILE.test(text)) return text;
  const values = text.split(',').map(fraction(false));
  return values.length === 1 ? values[0]! : values;
}

/** Numbers above 0. */
export function positive(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

/** A share of the rows, or the name of a file. */
export function heldOut(text: string): number | string {
  return Number.isFinite(Number(text)) ? fraction(false)(text) : text;
}

/** Labels separated by commas: numbers as 0,1,7, or names as cat,dog. */
export function labels(text: string): (number | string)[] {
  const parts = text.split(',').map((part) => part.trim());
  // What is a number must be a whole one; the empty text counts as 0.
  if (!parts.every((part) => WHOLE.test(part) || Number.isNaN(Number(part)))) {
    throw new InvalidArgumentError('It must be labels separated by commas, as 0,1,7.');
  }
  const values = parts.map((part) => (WHOLE.test(part) ? Number(part) : part));
  if (new Set(values).size !== values.length) throw new InvalidArgumentError('Each label may be named once.');
  if (values.length < 2) throw new InvalidArgumentError('It must name at least 2 labels.');
  return values;
}

/** A picture's rows and columns, as 28x28. */
export function grid(text: string): FeatureGrid {
  const match = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text);
  if (!match) throw new InvalidArgumentError('It must be rows x columns, as 28x28.');
  return { rows: Number(match[1]), columns: Number(match[2]) };
}

/** A stop rule, as rhat=1.01,ess=400. */
export function stopRule(text: string): StopRule {
  try {
    return parseStopRule(text);
  } catch (error) {
    if (error instanceof InputError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** host:port, checked and kept as text. */
export function hostPort(text: string): string {
  try {
    parseAddress(text, 'it');
  } catch {
    throw new InvalidArgumentError('It must be host:port with a port up to 65535, as 127.0.0.1:7070.');
  }
  return text;
}
