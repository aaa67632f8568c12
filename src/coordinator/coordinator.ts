/** The coordinator process: a gRPC server around the brain and the store. */
import { startTelemetry, type TelemetryServer } from '../telemetry/http.js';
import type { CoordinatorHandle, CoordinatorOptions, RunOutcome } from './options.js';
import { Run } from './run.js';
import type { ServerLoad } from './grpc-server.js';
import type { RunStatus } from './status.js';

/**
 * Starts to listen and to run; resolves once workers can join.
 * @throws InputError when the data can't be cut into so many shards, or an address is malformed, in use, not
 * this machine's or open to others without protection
 */
export async function startCoordinator(options: CoordinatorOptions): Promise<CoordinatorHandle> {
  const run = new Run(options);
  try {
    const address = await run.server.listen(options.listen);
    const telemetry = await telemetryOf(options, run);
    run.start();
    return new Handle(run, address, telemetry, options);
  } catch (error) {
    run.abandon();
    throw error;
  }
}

async function telemetryOf(options: CoordinatorOptions, run: Run): Promise<TelemetryServer | undefined> {
  const { metricsAddress: address, pages } = options;
  if (address === undefined) return undefined;
  return startTelemetry({
    address,
    registry: run.metrics.registry,
    notReady: () => (run.progress.status.phase === 'waiting' ? 'waiting for workers' : undefined),
    ...(pages ? { pages: pages(() => run.progress.status) } : {}),
  });
}

class Handle implements CoordinatorHandle {
  readonly address: string;
  readonly metricsAddress: string | undefined;
  readonly over: Promise<RunOutcome>;
  readonly finished: Promise<RunOutcome>;
  readonly #run: Run;

  constructor(
    run: Run,
    address: string,
    telemetry: TelemetryServer | undefined,
    { summaries, stay }: CoordinatorOptions,
  ) {
    this.#run = run;
    this.address = address;
    this.metricsAddress = telemetry?.address;
    this.over = run.ended;
    this.finished = this.#closed(stay).finally(() => Promise.all([telemetry?.close(), summaries?.close()]));
    // Whoever waits sees the error; that nobody waits yet is no reason to end the process.
    this.finished.catch(() => undefined);
  }

  async #closed(stay: Promise<void> | undefined): Promise<RunOutcome> {
    const outcome = await this.#run.ended;
    if (outcome.kind === 'finished') await stay;
    await this.#run.close(outcome);
    return outcome;
  }

  load(): ServerLoad {
    return this.#run.server.load;
  }

  status(): RunStatus {
    return this.#run.progress.status;
  }

  stop(): Promise<RunOutcome> {
    this.#run.stop();
    return this.finished;
  }

  enough(reason?: string): Promise<RunOutcome> {
    this.#run.enough(reason);
    return this.finished;
  }
}
