/** buf and grpcurl; tests that need them are left out with one line where they are absent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const folder = process.env['BITGIBBS_TEST_API_TOOLS'] ?? '';
const present = (process.env['BITGIBBS_TEST_PARTS'] ?? '').split(',').includes('api-tools');

/** Why tests are skipped, or false. */
export const withoutApiTools = present ? false : 'left out: api-tools (npm run setup -- --extras)';

export interface ToolOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function outcomeOf(command: string, args: readonly string[]): Promise<ToolOutcome> {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number | null];
  return { code, stdout, stderr };
}

export const buf = (...args: string[]): Promise<ToolOutcome> =>
  outcomeOf(join(folder, 'node_modules', '.bin', 'buf'), args);

/** A stream of draws that goes on; messages come on standard output. */
export const grpcurlStream = (address: string, request: object): ChildProcess =>
  spawn(
    join(folder, 'bin', 'grpcurl'),
    [
      ...['-plaintext', '-emit-defaults', '-d', JSON.stringify(request)],
      ...[address, 'bitgibbs.v1.ChainService/StreamDraws'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );

export const grpcurl = (...args: string[]): Promise<ToolOutcome> =>
  outcomeOf(join(folder, 'bin', 'grpcurl'), ['-plaintext', '-emit-defaults', ...args]);
