/** `bitgibbs watch`: a run live, until it ends; what happens to it as lines above. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import type { KnownEvent, RunClient } from '../../client/index.js';
import type { ClientSecurityFlags } from '../flags/security.js';
import { statusText } from '../status-text.js';
import { grouped } from '../text-table.js';
import { withClient } from '../with-client.js';

const TERMINAL_MS = 500;
const PLAIN_MS = 5_000;

function eventText({ time, text, drawsStored }: KnownEvent): string {
  return `${time.toISOString().slice(11, 19)}  ${text} (${grouped(drawsStored)} draws)`;
}

/** Where a screen and lines above it go; on what is no terminal both are lines. */
interface Screen {
  readonly everyMs: number;
  show(text: string): void;
  line(text: string): void;
  end(): void;
}

function screenOf(stream: NodeJS.WriteStream): Screen {
  const line = (text: string): void => void stream.write(`${text}\n`);
  if (!stream.isTTY) return { everyMs: PLAIN_MS, show: line, line, end: () => undefined };
  const update = createLogUpdate(stream);
  return { everyMs: TERMINAL_MS, show: update, line: (text) => update.persist(text), end: update.done };
}

async function showStatus(client: RunClient, screen: Screen, over: AbortSignal): Promise<void> {
  const run = await client.run();
  while (!over.aborted) {
    screen.show(statusText(run, await client.status({ signal: over })));
    await sleep(screen.everyMs, undefined, { signal: over });
  }
}

/** @throws UsageError, ClientError */
export async function watch(address: string, flags: ClientSecurityFlags): Promise<void> {
  const over = new AbortController();
  await withClient(address, flags, async (client) => {
    const screen = screenOf(process.stdout);
    const shown = showStatus(client, screen, over.signal).catch((error: unknown) => {
      // Aborted at the end of the run; else the coordinator has gone away, which the events tell too.
      if (!over.signal.aborted) screen.line(String(error));
    });
    for await (const event of client.events({ follow: true })) screen.line(eventText(event));
    over.abort();
    await shown;
    screen.end();
  });
}
