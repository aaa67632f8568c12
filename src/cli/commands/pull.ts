/** `bitgibbs pull`: the draws of a run as lines of JSON. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { status } from '@grpc/grpc-js';
import {
  callServerStream,
  callUnary,
  isServiceError,
  makeClient,
  waitForCoordinator,
} from '../../wire/client.js';
import { chainService, type GetRunResponse, type StreamDrawsResponse } from '../../wire/services.js';
import { RunError } from '../errors.js';
import type { PullFlags } from '../flags/groups.js';

const PATIENCE_MS = 5_000;

/** Where lines go: waits for a slow reader. */
interface LineSink {
  write(line: string): Promise<void>;
  end(): Promise<void>;
}

function standardOutput(): LineSink {
  return {
    write: async (line) => {
      if (!process.stdout.write(line)) await once(process.stdout, 'drain');
    },
    end: () => Promise.resolve(),
  };
}

async function fileSink(path: string, force: boolean): Promise<LineSink> {
  const stream = createWriteStream(path, { flags: force ? 'w' : 'wx' });
  try {
    await once(stream, 'open');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new RunError(`${path} is there already: choose another --out, or add --force to replace it`);
    throw new RunError(`cannot write ${path} (${code})`);
  }
  return {
    write: async (line) => {
      if (!stream.write(line)) await once(stream, 'drain');
    },
    end: async () => {
      stream.end();
      await once(stream, 'close');
    },
  };
}

function runLine(run: GetRunResponse): string {
  const { model } = run;
  return `${JSON.stringify({
    run: run.runId,
    version: run.packageVersion,
    data: run.dataSha256,
    features: model?.features,
    classes: model?.classes,
    pinned: model?.pinned ?? false,
    grid: [model?.gridRows, model?.gridColumns],
    seed: run.seed ?? 0,
    chains: run.chains,
    draws: run.draws,
    thin: run.thin,
    warmup: run.warmupSweeps ?? 0,
  })}\n`;
}

function drawLine(draw: StreamDrawsResponse): string {
  return `${JSON.stringify({
    chain: draw.chain ?? 0,
    draw: draw.draw ?? 0,
    sweep: draw.sweep ?? 0,
    lp: draw.lp ?? 0,
    logLikQ: draw.logLikQ ?? 0,
    counts: draw.counts ?? {},
    w: Buffer.from(draw.bits ?? []).toString('base64'),
  })}\n`;
}

function inWords(error: unknown, address: string): unknown {
  if (!isServiceError(error)) return error;
  if (error.code === status.UNAVAILABLE)
    return new RunError(`the coordinator at ${address} went away before the end`);
  return new RunError(`the coordinator at ${address} refused: ${error.details}`);
}

/** Streams the draws of a run to standard output or to a file. @throws RunError */
export async function pull({ coordinator, follow, from, out, force }: PullFlags): Promise<void> {
  const client = makeClient(coordinator);
  try {
    await waitForCoordinator(client, coordinator, PATIENCE_MS);
    const run = await callUnary(client, chainService.getRun, {});
    const sink = out === undefined ? standardOutput() : await fileSink(out, force ?? false);
    await sink.write(runLine(run));
    const request = { fromDraw: from, follow: follow ?? false };
    for await (const draw of callServerStream(client, chainService.streamDraws, request)) {
      await sink.write(drawLine(draw as StreamDrawsResponse));
    }
    await sink.end();
  } catch (error) {
    throw inWords(error, coordinator);
  } finally {
    client.close();
  }
}
