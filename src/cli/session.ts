/** A coordinator in this process, from its flags to its summary; `run` and `coordinator` are both one. */
import { startCoordinator } from '../coordinator/coordinator.js';
import { checkExposure } from '../coordinator/access/exposure.js';
import type { Access } from '../coordinator/grpc-server.js';
import type { CoordinatorHandle, RunOutcome } from '../coordinator/options.js';
import { autoShards } from '../coordinator/placement/auto-shards.js';
import type { KernelChoice } from '../kernel/create.js';
import { type Log, withFacts } from '../telemetry/log.js';
import { startPredictive } from '../predict/service.js';
import { walkersOf } from '../sampler/tempering/tempering.js';
import { checking, RunError } from './errors.js';
import {
  metricsAddress,
  type DataFlags,
  type MetricsFlags,
  type OutputFlags,
  type SamplingFlags,
} from './flags/groups.js';
import type { ProcessFlags } from './flags/process.js';
import { type LogFile, openLogFile } from './log.js';
import { PredictiveFeed } from './predictive-feed.js';
import { prepare, type Prepared } from './prepare.js';
import type { Display } from './progress/display.js';
import { PhaseClock } from './progress/phases.js';
import { logNotices, type OpenedStore, openStore } from './run-store.js';
import { resumeCommand } from './settings.js';
import { exitCodeAfter, onStopSignal } from './signals.js';
import { startSummaries } from '../report/summary/summary-service.js';
import { figuresSetup, livePages } from './live.js';
import { sessionSummary } from './session-summary.js';
import { sessionDisplay, shownLog } from './session-display.js';
import type { Stay } from './stay.js';
import { TrialWatch } from './warmup/trial-watch.js';
import type { Trial } from './warmup/trial.js';
import type { Again } from './warmup/trials.js';

export interface SessionFlags extends DataFlags, SamplingFlags, OutputFlags, MetricsFlags, ProcessFlags {
  readonly shards: number | 'auto';
  readonly kernel: KernelChoice;
}

/** Workers that a run is laid out for. */
export interface ExpectedWorkers {
  /** The run begins when so many are there. */
  readonly count: number;
  /** Of each. */
  readonly threads: number;
  readonly memoryBytes: number;
}

export interface SessionOptions {
  readonly data: string | undefined;
  readonly flags: SessionFlags;
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
  /** Who may come in; by default anyone on this machine. */
  readonly access?: (log: Log) => Promise<Access>;
  readonly expected: ExpectedWorkers;
  /** The run is to begin anew where its chains disagree. */
  readonly trial: Trial | undefined;
  /** How long the draws of the finished run are served; by default to those who fetch them already. */
  readonly stay?: Stay | undefined;
  /** Log lines go to this stream too, where it is no terminal. */
  readonly logTo?: NodeJS.WriteStream;
}

const POLL_MS = 250;

/** @throws InputError when the expected workers can't hold the data */
function shardsOf(
  { shards, kernel }: SessionFlags,
  { rule, plan, data }: Prepared,
  { count, threads, memoryBytes }: ExpectedWorkers,
): { readonly spread: number; readonly why?: string } {
  if (shards !== 'auto') return { spread: shards };
  const workers = { workers: count, threads, memoryBytes, chains: walkersOf(plan) };
  return autoShards({ rule, rows: data.merged, ...workers, dense: kernel === 'tfjs' });
}

/** @param shown whether the log is seen while it is written */
function tellAddresses({ address, metricsAddress }: CoordinatorHandle, told: Log, shown: boolean): void {
  told(`serving workers and clients at ${address}`);
  if (!metricsAddress) return;
  told(`metrics at http://${metricsAddress}/metrics`);
  const line = `live page at http://${metricsAddress}/`;
  told(line);
  // Whoever sees no log wants to know all the same.
  if (!shown) process.stderr.write(`${line}\n`);
}

export class Session {
  readonly #flags: SessionFlags;
  readonly #prepared: Prepared;
  readonly #opened: OpenedStore;
  readonly #logFile: LogFile;
  readonly #feed: PredictiveFeed | undefined;
  readonly #trial: TrialWatch | undefined;
  readonly #stay: Stay | undefined;
  #isOver = false;
  #interrupted = false;
  readonly #phases = new PhaseClock();
  readonly #poll: NodeJS.Timeout;
  readonly #display: Display;
  readonly #releaseSignals: () => void;

  private constructor(
    { flags, stay }: SessionOptions,
    prepared: Prepared,
    opened: OpenedStore,
    logFile: LogFile,
    trial: TrialWatch | undefined,
    readonly log: Log,
    readonly handle: CoordinatorHandle,
  ) {
    this.#flags = flags;
    this.#prepared = prepared;
    this.#opened = opened;
    this.#logFile = logFile;
    this.#feed = this.#startFeed();
    this.#trial = trial;
    this.#stay = stay;
    this.#poll = setInterval(() => {
      this.#phases.note(handle.status());
      this.#trial?.look();
    }, POLL_MS);
    this.#display = sessionDisplay(prepared, handle, () => this.#feed?.accuracy, { style: flags, log });
    void trial?.judged.then(({ again, text }) => {
      this.#say(text);
      // The outcome is awaited in conclude.
      if (again) handle.stop().catch(() => undefined);
    });
    void opened.until?.met.then((reason) => {
      this.#say(reason);
      // The outcome is awaited in conclude.
      handle.enough(reason).catch(() => undefined);
    });
    this.#releaseSignals = onStopSignal(
      ['SIGINT', 'SIGTERM'],
      (signal) => {
        this.#stay?.end();
        if (this.#isOver) return;
        process.exitCode = exitCodeAfter(signal);
        this.#interrupted = true;
        this.#say(`${signal}: stopping at the next sweep boundary (again: end at once)`);
        // The outcome is awaited in conclude.
        handle.stop().catch(() => undefined);
      },
      1000 * this.#flags.grace,
    );
  }

  /** @throws UsageError, InputError; nothing is left behind then */
  static async open(options: SessionOptions): Promise<Session> {
    const { flags, listen, expected, logTo } = options;
    let log: Log = () => undefined;
    const access = (await options.access?.((line, facts) => log(line, facts))) ?? {};
    const { certificates, insecure = false } = access;
    await checking(() => checkExposure(listen, certificates !== undefined, insecure));
    const prepared = await prepare(options.data, flags, flags.shards === 'auto' ? undefined : flags.shards);
    const { spread: shards, why } = await checking(() => shardsOf(flags, prepared, expected));
    const opened = await openStore(prepared, flags);
    const logFile = openLogFile(prepared.out, flags);
    const shown = logTo && !logTo.isTTY ? shownLog(flags, logTo) : undefined;
    log = (line, facts) => {
      logFile.log(line, facts);
      shown?.(line, facts);
    };
    const { rule, plan, data } = prepared;
    const trial = options.trial && new TrialWatch(options.trial, opened.store, rule.model, plan.chains);
    try {
      const handle = await startCoordinator({
        ...{ rule, plan, rows: data.merged, data, dataSha256: data.sha256, store: opened.store, log },
        ...{
          shards,
          kernel: flags.kernel,
          listen,
          access,
          waitForWorkers: expected.count,
          storeFolder: prepared.out,
          // The other half is for storing, the summary and readers.
          stopMs: (1000 * flags.grace) / 2,
        },
        ...(flags.metricsPort === undefined ? {} : { metricsAddress: metricsAddress(flags)! }),
        pages: livePages(prepared, flags.grace),
        summaries: startSummaries(figuresSetup(prepared)),
        ...(trial ? { stands: () => trial.stands() } : {}),
        stay: options.stay?.ended,
      });
      const told = withFacts(log, { run: handle.status().runId });
      logNotices(opened.notices, told);
      const earlier = options.trial?.earlier ?? [];
      for (const line of earlier) told(line);
      if (earlier.length > 0 && !shown && !process.stderr.isTTY) process.stderr.write(`${earlier.at(-1)}\n`);
      if (why !== undefined) told(`shards: ${shards}, for ${why}`);
      tellAddresses(handle, told, shown !== undefined);
      return new Session(options, prepared, opened, logFile, trial, told, handle);
    } catch (error) {
      await logFile.close();
      await opened.abandon();
      throw error;
    }
  }

  /**
   * Waits for the end of the run and prints the summary.
   * @param lost rejects when the run can't go on
   * @returns what was found, where the run is to begin anew with a longer warm-up
   * @throws RunError, with the command that goes on with what is stored
   */
  async conclude(lost?: Promise<never>): Promise<Again | undefined> {
    try {
      const outcome = await this.#outcome(lost);
      this.#isOver = outcome.kind === 'finished';
      this.#phases.note(this.handle.status());
      const verdict = this.#trial?.verdict;
      this.#quiet();
      if (!this.#stay || !this.#isOver) this.#releaseSignals();
      if (verdict?.again && outcome.kind === 'stopped' && !this.#interrupted) {
        return { text: verdict.text, out: this.#prepared.out };
      }
      process.stdout.write(await this.#summary(outcome));
      if (this.#isOver) await this.#stayed();
      return undefined;
    } catch (error) {
      this.#quiet();
      this.#releaseSignals();
      const reason = error instanceof Error ? error.message : String(error);
      this.log(`failed: ${reason}`, { level: 'error' });
      throw new RunError(`${reason}; go on with: ${this.#goOn()}`, { cause: error });
    }
  }

  /** To be called at the end, when nothing logs any more. */
  async close(): Promise<void> {
    await this.#feed?.close();
    await this.#logFile.close();
  }

  async #stayed(): Promise<void> {
    if (!this.#stay) return;
    this.#say(`the run is finished: its draws are served at ${this.handle.address} until a signal`);
    await this.handle.finished;
    this.#releaseSignals();
  }

  async #outcome(lost: Promise<never> | undefined): Promise<RunOutcome> {
    const ended = this.#stay?.over(this.handle) ?? this.handle.finished;
    if (!lost) return ended;
    try {
      return await Promise.race([ended, lost]);
    } catch (error) {
      // What is there is stored; the first error is the one to tell.
      await this.handle.stop().catch(() => undefined);
      throw error;
    }
  }

  #quiet(): void {
    clearInterval(this.#poll);
    this.#display.stop();
  }

  #summary(outcome: RunOutcome): Promise<string> {
    return sessionSummary(outcome, {
      ...{ prepared: this.#prepared, opened: this.#opened, handle: this.handle, feed: this.#feed },
      ...{ phases: this.#phases, goOn: this.#goOn(), logFile: this.#logFile.path },
      warmup: this.#trial?.verdict?.text,
    });
  }

  #goOn(): string {
    const { plan, out } = this.#prepared;
    const { drawsWanted } = this.handle.status();
    const flag = this.#opened.until ? '--max-draws' : '--draws';
    const raised = drawsWanted > plan.draws ? { flag, draws: drawsWanted } : undefined;
    return resumeCommand(process.argv.slice(2), out, raised);
  }

  #say(line: string): void {
    this.log(line);
    if (process.stderr.isTTY) process.stderr.write(`${line}\n`);
  }

  #startFeed(): PredictiveFeed | undefined {
    const { data, plan } = this.#prepared;
    if (!data.test) return undefined;
    const service = startPredictive(data.test, data.classes, plan.chains, this.#flags.kernel !== 'wasm');
    return new PredictiveFeed(this.#opened.store, service);
  }
}
