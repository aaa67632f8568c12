/** A coordinator and workers as processes of the command line, which can be killed, stopped and started again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { start, type Outcome, type RunningCli } from '../../e2e/support/cli.js';

/** No process may take longer; a run that hangs ends so. */
const MOST_SECONDS = 900;

interface Place {
  running: RunningCli;
  /** Killed, and not started again yet. */
  isDown: boolean;
}

export interface PartyOptions {
  /** Data, sampling and layout of `bitgibbs coordinator`. */
  readonly args: readonly string[];
  readonly out: string;
  readonly workers: number;
}

export class Party {
  readonly #options: PartyOptions;
  readonly #workers: Place[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #coordinator: RunningCli;
  #address = '';
  #metrics = '';

  private constructor(options: PartyOptions, coordinator: RunningCli) {
    this.#options = options;
    this.#coordinator = coordinator;
    this.#workers = [];
  }

  static async begin(options: PartyOptions): Promise<Party> {
    const party = new Party(options, startCoordinator(options, '127.0.0.1:0', []));
    await party.#listen();
    for (let worker = 0; worker < options.workers; worker++) {
      party.#workers.push({ running: party.#startWorker(), isDown: false });
    }
    return party;
  }

  /** How the coordinator that was started last ended; undefined while it runs. */
  get outcome(): Promise<Outcome> {
    return this.#coordinator.ended;
  }

  /** Audited sweeps of each chain; none while the coordinator does not answer. */
  async sweeps(): Promise<number[]> {
    try {
      const response = await fetch(this.#metrics, { signal: AbortSignal.timeout(1_000) });
      const found = (await response.text()).matchAll(/^bitgibbs_chain_sweeps\{.*\} (\d+)$/gm);
      return [...found].map(([, sweeps]) => Number(sweeps));
    } catch {
      return [];
    }
  }

  /** Kills this worker or, where it is down, the next one. @returns whether there was one */
  killWorker(worker: number, pauseMs: number): boolean {
    const place = this.#upFrom(worker);
    if (!place) return false;
    place.isDown = true;
    place.running.child.kill('SIGKILL');
    this.#later(pauseMs, () => {
      place.running = this.#startWorker();
      place.isDown = false;
    });
    return true;
  }

  stopWorker(worker: number, pauseMs: number): boolean {
    const running = this.#upFrom(worker)?.running;
    if (!running) return false;
    running.child.kill('SIGSTOP');
    this.#later(pauseMs, () => running.child.kill('SIGCONT'));
    return true;
  }

  stopCoordinator(pauseMs: number): boolean {
    const { child } = this.#coordinator;
    this.#later(pauseMs, () => child.kill('SIGCONT'));
    return child.kill('SIGSTOP');
  }

  /** Kills the coordinator, and resumes its run at the same address. */
  async killCoordinator(pauseMs: number): Promise<boolean> {
    if (!this.#coordinator.child.kill('SIGKILL')) return false;
    await this.#coordinator.ended;
    await sleep(pauseMs);
    this.#coordinator = startCoordinator(this.#options, this.#address, ['--resume']);
    await this.#listen();
    return true;
  }

  /** Ends whatever still runs. */
  async end(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    const all = [this.#coordinator, ...this.#workers.map(({ running }) => running)];
    for (const { child } of all) child.kill('SIGKILL');
    await Promise.all(all.map(({ ended }) => ended));
  }

  #upFrom(worker: number): Place | undefined {
    const order = [...this.#workers.slice(worker), ...this.#workers.slice(0, worker)];
    return order.find(({ isDown }) => !isDown);
  }

  async #listen(): Promise<void> {
    this.#address = (await this.#coordinator.said(/serving workers and clients at (\S+)/))[1]!;
    this.#metrics = (await this.#coordinator.said(/metrics at (\S+)/))[1]!;
  }

  #startWorker(): RunningCli {
    return start(['worker', '--coordinator', this.#address, '--kernel', 'wasm'], { seconds: MOST_SECONDS });
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}

function startCoordinator({ args, out }: PartyOptions, address: string, more: readonly string[]): RunningCli {
  const service = ['--listen', address, '--metrics-port', '0'];
  return start(['coordinator', ...args, ...service, '--out', out, ...more], { seconds: MOST_SECONDS });
}
