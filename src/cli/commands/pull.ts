/** `bitgibbs pull`: the draws of a run as lines of JSON. */
import { once } from 'node:events';
import { createWriteStream, existsSync, type WriteStream } from 'node:fs';
import { RunClient, type Draw, type RunInfo } from '../../client/index.js';
import { drawLine, resumeFile, runLine, type FilePosition } from '../draw-lines.js';
import { RunError, UsageError } from '../errors.js';
import type { PullFlags } from '../flags/pull.js';
import { identityOf } from '../flags/security.js';

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

async function opened(path: string, flags: 'w' | 'wx' | 'a'): Promise<WriteStream> {
  const stream = createWriteStream(path, { flags });
  try {
    await once(stream, 'open');
    return stream;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const ways = 'choose another --out, go on with it by --resume, or replace it by --force';
    throw new RunError(
      code === 'EEXIST' ? `${path} is there already: ${ways}` : `cannot write ${path} (${code})`,
    );
  }
}

async function fileSink(path: string, flags: 'w' | 'wx' | 'a'): Promise<LineSink> {
  const stream = await opened(path, flags);
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

/** Opens where the lines go. @param position of the file that is gone on with */
function sinkOf({ out, force }: PullFlags, position: FilePosition | undefined): Promise<LineSink> {
  if (out === undefined) return Promise.resolve(standardOutput());
  return fileSink(out, position ? 'a' : force ? 'w' : 'wx');
}

function checkFlags({ out, resume, force }: PullFlags): void {
  if (resume && out === undefined) throw new UsageError('--resume needs --out, the file to go on with');
  if (resume && force) throw new UsageError('give either --resume or --force, not both');
}

function checkSameRun({ out }: PullFlags, position: FilePosition, run: RunInfo): void {
  if (position.drawsId === undefined || position.drawsId === run.drawsId) return;
  throw new RunError(`${out} holds draws of another run than the coordinator serves: take another --out`);
}

/** Streams the draws of a run to standard output or to a file. @throws UsageError, RunError, ClientError */
export async function pull(flags: PullFlags): Promise<void> {
  const { coordinator, follow, from, every, onlyChains: chains, out, resume } = flags;
  checkFlags(flags);
  const position = resume && existsSync(out!) ? await resumeFile(out!) : undefined;
  const identity = await identityOf(flags, 'client', (line) => process.stderr.write(`${line}\n`));
  const client = new RunClient(coordinator, identity);
  try {
    await client.ready();
    const run = await client.run();
    if (position) checkSameRun(flags, position, run);
    const sink = await sinkOf(flags, position);
    if (position?.drawsId === undefined) await sink.write(runLine(run));
    const draws = client.draws({
      ...{ from, every, follow: follow ?? false },
      ...(chains ? { chains } : {}),
      ...(position ? { next: position.next } : {}),
    });
    const end = await copy(draws, sink);
    await sink.end();
    if (follow && end === 'stopped') process.stderr.write('the run was stopped before its end\n');
  } finally {
    client.close();
  }
}

async function copy<End>(draws: AsyncGenerator<Draw, End>, sink: LineSink): Promise<End> {
  for (;;) {
    const { value, done } = await draws.next();
    if (done) return value;
    await sink.write(drawLine(value));
  }
}
