/** The worker processes that `run` starts on this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { KernelChoice } from '../kernel/create.js';
import { RunError } from './errors.js';
import type { Log } from '../telemetry/log.js';

export interface WorkerProcessOptions {
  readonly count: number;
  /** host:port of the coordinator. */
  readonly coordinator: string;
  readonly threads: number;
  readonly kernel: KernelChoice;
  /** Memory a worker, in GiB. */
  readonly memory: number;
  /** Without the variables that stand for flags. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Whether the run can't do without any of them at this moment. */
  readonly allNeeded: () => boolean;
}

export interface WorkerProcesses {
  /** Rejects when the run can't go on, as workers ended before it: all of them, or one while all are needed. */
  readonly lost: Promise<never>;
  /** Ends those still there; resolves when all are gone. */
  stop(): Promise<void>;
}

/** A worker killed by a signal is started again this often; as often again once one has lived for a while. */
const RESTARTS = 5;
const LONG_LIFE_MS = 60_000;
/** How long a worker that was told to end may take. */
const PATIENCE_MS = 5_000;

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

function argumentsFor(options: WorkerProcessOptions): string[] {
  const { coordinator, threads, kernel, memory } = options;
  return [
    ...[MAIN, 'worker', '--child', '--coordinator', coordinator],
    ...['--threads', String(threads), '--kernel', kernel, '--memory', String(memory)],
  ];
}

/** One worker's place: a process, and those that follow it when a signal kills it. */
class WorkerPlace {
  #child: ChildProcess | undefined;
  #restarts = RESTARTS;
  #startedAt = 0;
  #stopping = false;
  #lastLine = '';
  /** Resolves when no process is left and none will follow: with the reason, where the worker ended before the run. */
  readonly gone: Promise<string | undefined>;
  #resolveGone: (reason: string | undefined) => void = () => undefined;

  constructor(
    readonly number: number,
    readonly options: WorkerProcessOptions,
  ) {
    this.gone = new Promise((resolve) => (this.#resolveGone = resolve));
    this.#start();
  }

  /** Closing standard input tells a worker to end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    child?.stdin?.end();
    const timer = setTimeout(() => child?.kill('SIGKILL'), PATIENCE_MS);
    await this.gone;
    clearTimeout(timer);
  }

  #start(): void {
    const { env, log } = this.options;
    const child = spawn(process.execPath, argumentsFor(this.options), {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#startedAt = performance.now();
    const note = (line: string): void => {
      this.#lastLine = line;
      log(`worker ${this.number}: ${line}`);
    };
    for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', note);
    child.stdin.on('error', () => undefined);
    if (child.pid !== undefined) log(`worker ${this.number} is process ${child.pid}`);
    child.once('error', (error) => note(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => this.#ended(code, signal));
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = undefined;
    const { log } = this.options;
    if (performance.now() - this.#startedAt > LONG_LIFE_MS) this.#restarts = RESTARTS;
    if (signal && !this.#stopping && this.#restarts > 0) {
      this.#restarts--;
      log(`worker ${this.number} was killed by ${signal}: starting it again`, { level: 'warn' });
      this.#start();
      return;
    }
    log(`worker ${this.number} ended with ${signal ?? code}`);
    this.#resolveGone(code === 0 ? undefined : this.#lastLine || `ended with ${signal ?? code}`);
  }
}

export function startWorkers(options: WorkerProcessOptions): WorkerProcesses {
  const places = Array.from({ length: options.count }, (_, number) => new WorkerPlace(number, options));
  const lost = new Promise<never>((_resolve, reject) => {
    const fail = (what: string, reason: string): void => {
      reject(new RunError(`${what}: ${reason.replace(/^bitgibbs: /, '')}`));
    };
    for (const { gone, number } of places) {
      void gone.then((reason) => {
        if (reason !== undefined && options.allNeeded()) fail(`worker ${number} could not begin`, reason);
      });
    }
    void Promise.all(places.map((place) => place.gone)).then((reasons) => {
      const reason = reasons.find((text) => text !== undefined);
      if (reason !== undefined) fail('no worker is left', reason);
    });
  });
  // Whoever conducts the run waits for it; after the run nobody does.
  lost.catch(() => undefined);
  return {
    lost,
    stop: async () => {
      await Promise.all(places.map((place) => place.stop()));
    },
  };
}
