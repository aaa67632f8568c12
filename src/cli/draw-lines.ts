/** Draws as lines of JSON: first the run, then a line a draw. Files of them can be gone on with. */
import { createReadStream } from 'node:fs';
import { truncate } from 'node:fs/promises';
import type { Draw, RunInfo } from '../client/index.js';
import { RunError } from './errors.js';

export function runLine(run: RunInfo): string {
  const { features, classes, pinned, grid } = run.model;
  return `${JSON.stringify({
    run: run.runId,
    draws_id: run.drawsId,
    version: run.packageVersion,
    data: run.dataSha256,
    features,
    classes,
    pinned,
    grid: [grid.rows, grid.columns],
    seed: run.seed,
    chains: run.chains,
    draws: run.draws,
    thin: run.thin,
    warmup: run.warmupSweeps,
  })}\n`;
}

export function drawLine({ chain, draw, sweep, lp, logLikQ, counts, bits }: Draw): string {
  const w = Buffer.from(bits).toString('base64');
  return `${JSON.stringify({ chain, draw, sweep, lp, logLikQ, counts, w })}\n`;
}

/** Where a file of lines ends. */
export interface FilePosition {
  /** Of the run in its first line; undefined where the file has no whole line. */
  readonly drawsId: string | undefined;
  /** Number of the next draw of each chain in the file. */
  readonly next: ReadonlyMap<number, number>;
}

const NEWLINE = 10;

/** Whole lines with the number of bytes up to their ends. */
async function* wholeLines(path: string): AsyncGenerator<{ text: string; end: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let end = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, start)) {
      end += at + 1 - start;
      yield { text: bytes.toString('utf8', start, at), end };
      start = at + 1;
    }
    rest = bytes.subarray(start);
  }
}

/**
 * Where a file that a pull has written ends; a line that was cut off is taken away.
 * @throws RunError when the file holds something else, or can't be read
 */
export async function resumeFile(path: string): Promise<FilePosition> {
  const next = new Map<number, number>();
  let drawsId: string | undefined;
  let whole = 0;
  try {
    for await (const { text, end } of wholeLines(path)) {
      const line = JSON.parse(text) as { draws_id?: string; chain?: number; draw?: number };
      if (whole === 0) drawsId = line.draws_id;
      else if (Number.isInteger(line.chain) && Number.isInteger(line.draw))
        next.set(line.chain!, line.draw! + 1);
      else throw new SyntaxError('no draw');
      whole = end;
    }
    if (whole > 0 && drawsId === undefined) throw new SyntaxError('no run');
    await truncate(path, whole);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isOther = error instanceof SyntaxError;
    throw new RunError(isOther ? `${path} holds other lines than a pull's` : `cannot read ${path} (${code})`);
  }
  return { drawsId, next };
}
