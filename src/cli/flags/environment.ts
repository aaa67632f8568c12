/** Variables that stand for flags: BITGIBBS_ and the flag's name in capitals, as BITGIBBS_METRICS_PORT. */
import type { Option } from 'commander';

const PREFIX = 'BITGIBBS_';
const NO = ['0', 'false', 'no', 'off'];

export function variableOf(option: Pick<Option, 'long'>): string {
  return PREFIX + option.long!.replace(/^--/, '').replaceAll('-', '_').toUpperCase();
}

/**
 * Takes out of an environment what says nothing: empty variables, and switches that say no (commander takes a switch's
 * variable as a yes whatever its value).
 */
export function tidyEnvironment(env: NodeJS.ProcessEnv, options: readonly Option[]): void {
  for (const option of options) {
    const name = option.envVar;
    const value = name ? env[name] : undefined;
    if (name === undefined || value === undefined) continue;
    const isSwitch = option.isBoolean();
    if (value === '' || (isSwitch && NO.includes(value.toLowerCase()))) delete env[name];
  }
}

/** Variables that are no flags: a child process inherits them. */
const NO_FLAGS = ['BITGIBBS_NO_TFJS', 'BITGIBBS_DEBUG'];

/** The environment for a child process whose flags are given in full: none of them from variables. */
export function withoutFlags(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isFlag = (name: string): boolean => name.startsWith(PREFIX) && !NO_FLAGS.includes(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isFlag(name)));
}
