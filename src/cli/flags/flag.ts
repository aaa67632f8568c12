/** One flag. */
import { type Command, Option } from 'commander';
import { variableOf } from './environment.js';

/** An option with its variable; `parse` turns its text into a value. */
export function flag(spec: string, description: string, parse?: (text: string) => unknown): Option {
  const option = new Option(spec, description);
  option.env(variableOf(option));
  if (parse) option.argParser(parse);
  return option;
}

export function addAll(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}
