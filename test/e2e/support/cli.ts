/** Runs the real command line in processes of their own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Added to the environment, from which all BITGIBBS_* are taken out. */
  readonly env?: Record<string, string>;
  /** A process that takes longer is killed, and the outcome has a signal. */
  readonly seconds?: number;
  readonly cwd?: string;
  /** Words before the command, as `ip netns exec host`. */
  readonly enter?: readonly string[];
}

export interface RunningCli {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Outcome>;
  /** Resolves with the match as soon as the text on standard error holds one. @throws when the process ends before */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('BITGIBBS_'));
  return { ...Object.fromEntries(clean), ...extra };
}

export function start(
  args: readonly string[],
  { env, seconds = 180, cwd, enter = [] }: CliOptions = {},
): RunningCli {
  const [program, ...words] = [...enter, process.execPath, MAIN, ...args];
  const child = spawn(program!, words, { env: environment(env), cwd });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => (text[name] += part));
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds);
  const ended = new Promise<Outcome>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...text });
    });
  });
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(text.stderr);
        if (match) resolve(match);
      };
      child.stderr.on('data', look);
      look();
      void ended.then(() => reject(new Error(`never said ${pattern}: ${text.stderr}`)));
    });
  return { child, ended, said };
}

export function cli(args: readonly string[], options?: CliOptions): Promise<Outcome> {
  return start(args, options).ended;
}

/** Runs a command that must work; its standard output. */
export async function succeed(args: readonly string[], options?: CliOptions): Promise<string> {
  const { code, signal, stdout, stderr } = await cli(args, options);
  if (code !== 0)
    throw new Error(`bitgibbs ${args.join(' ')} ended with ${signal ?? code}: ${stderr}${stdout}`);
  return stdout;
}

/** A folder that is removed with `remove`. */
export function scratchFolder(name: string): {
  readonly path: string;
  join(...parts: string[]): string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), `bitgibbs-${name}-`));
  return {
    path,
    join: (...parts) => join(path, ...parts),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
