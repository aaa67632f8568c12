/**
 * Model files: the data and flags of a run in YAML or JSON. A key is a flag's name without its dashes, or `data`; a
 * value is what the flag takes, lists instead of commas. Flags and variables override what the file says.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { isScalar, parseDocument } from 'yaml';
import { onOneLine, shown } from '../data/shown.js';
import { InputError } from '../posterior/model.js';
import { UsageError } from './errors.js';

const ENDING = /\.(ya?ml|json)$/i;
/** Names of flags that say where files lie: from the model file on. */
const PATHS = ['features', 'labels', 'test', 'test-features', 'test-labels'];
/** What a run is and not what its posterior is. */
const NOT_IN_FILES = [
  ...['out', 'force', 'resume', 'save-warmup', 'json', 'simulate'],
  ...['metrics-port', 'metrics-host', 'listen'],
];
/** Flags of which one takes the other's place. */
const RIVALS: Readonly<Record<string, string>> = { draws: 'until', until: 'draws' };

const DATA_FILE = /(\.csv(\.gz)?|\.npz)$/i;
const NUMBERS = /^[\d.,\s]+$/;

export interface Asked<Flags> {
  readonly data: string | undefined;
  readonly flags: Flags;
}

type Entry = string | number | boolean | readonly (string | number)[];

/**
 * What a command is asked for: where its argument is a model file, that file's data, and its values for flags that were
 * not given.
 * @throws UsageError naming file and key
 */
export function askedOf<Flags>(command: Command, argument: string | undefined): Asked<Flags> {
  if (argument === undefined || !ENDING.test(argument))
    return { data: argument, flags: command.opts() as Flags };
  try {
    const entries = readEntries(argument);
    const options = optionsOf(command);
    let data: string | undefined;
    for (const [key, value] of entries) {
      if (key === 'data') data = dataOf(argument, value);
      else setFlag(command, options, argument, key, value);
    }
    return { data, flags: command.opts() as Flags };
  } catch (error) {
    if (error instanceof InputError) throw new UsageError(error.message);
    throw error;
  }
}

function readEntries(path: string): [string, Entry][] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(code === 'ENOENT' ? `${path}: no such file` : `${path}: can't be read (${code})`);
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [problem] = document.errors;
  if (problem) throw new InputError(`${path}: ${problem.message.split('\n')[0]!.replace(/:$/, '')}`);
  const value: unknown =
    document.contents === null || isScalar(document.contents) ? undefined : safeJs(document, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`${path}: must hold keys and values, as data: mnist`);
  }
  return Object.entries(value).map(([key, entry]) => [key, checkEntry(path, key, entry)]);
}

/** Aliases that would grow without bound are refused by the library. */
function safeJs(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message.split('\n')[0]}`);
  }
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function checkEntry(path: string, key: string, value: unknown): Entry {
  if (isPlain(value) || typeof value === 'boolean') return value;
  if (Array.isArray(value) && value.every(isPlain)) return value;
  throw new InputError(`${path}: ${shown(key)} must be a number, a text, true, false, or a list of those`);
}

function dataOf(path: string, value: Entry): string {
  if (typeof value !== 'string') throw new InputError(`${path}: data must be a text, as mnist or digits.csv`);
  return DATA_FILE.test(value) ? resolve(dirname(path), value) : value;
}

/** The command's flags that a file may hold, by name without dashes. */
function optionsOf(command: Command): ReadonlyMap<string, Option> {
  const named = command.options.map((option) => [option.long!.replace(/^--/, ''), option] as const);
  return new Map(named.filter(([name, option]) => !NOT_IN_FILES.includes(name) && !option.hidden));
}

function setFlag(
  command: Command,
  options: ReadonlyMap<string, Option>,
  path: string,
  key: string,
  value: Entry,
): void {
  const option = options.get(key);
  if (!option) {
    const known = ['data', ...options.keys()].join(', ');
    throw new InputError(`${path}: ${shown(key)} is no key; known are ${known}`);
  }
  const rival = RIVALS[key] && options.get(RIVALS[key])!.attributeName();
  const isGiven = (name: string): boolean =>
    ['cli', 'env'].includes(command.getOptionValueSource(name) ?? 'default');
  const name = option.attributeName();
  if (isGiven(name) || (rival !== undefined && isGiven(rival))) return;
  command.setOptionValueWithSource(name, parsed(option, path, key, value), 'config');
}

function parsed(option: Option, path: string, key: string, value: Entry): unknown {
  if (option.isBoolean()) {
    if (typeof value === 'boolean') return value;
    throw new InputError(`${path}: ${key} must be true or false, got ${shown(String(value))}`);
  }
  const text = Array.isArray(value) ? value.join(',') : String(value);
  if (PATHS.includes(key) && !(key === 'test' && NUMBERS.test(text))) return resolve(dirname(path), text);
  if (key === 'pi' && !NUMBERS.test(text)) return resolve(dirname(path), text);
  try {
    return option.parseArg
      ? (option.parseArg as (given: string, previous: unknown) => unknown)(text, undefined)
      : text;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InputError(`${path}: ${key} is ${shown(text)}. ${onOneLine(error.message)}`);
  }
}
