/**
 * The live page of a run over HTTP: `/`, its events and its figures. Figures are made only while somebody looks, one at a
 * time, in another thread, and again only when there are more draws and a pause has passed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { escaped } from '../html.js';
import type { FiguresService } from './figures-service.js';
import type { PackedFigures } from './figures-thread.js';
import { LIVE_POLICY, livePage } from './shell.js';
import { type LiveRun, type LiveStatus, statusView } from './status-view.js';

export interface LivePageOptions {
  readonly run: LiveRun;
  readonly status: () => LiveStatus;
  /** Absent where draws are kept in memory alone. */
  readonly figures: FiguresService | undefined;
  /** How long the end of the run waits for the last figures, milliseconds. */
  readonly lastFiguresMs: number;
}

interface Version {
  readonly made: PackedFigures;
  readonly number: number;
}

const STATUS_MS = 1_000;
const LEAST_PAUSE_MS = 3_000;
/** What a reader has not taken of the events; more is not kept for it. */
const MOST_UNREAD_BYTES = 64 * 2 ** 10;
/** At the end of the run, for readers to fetch the last figures. */
const LAST_READERS_MS = 2_000;

const IN_MEMORY =
  "This run's draws are kept in memory alone. Figures are made from a run's folder: there are none here.";
const NO_DRAWS = 'Figures come with the first draws.';
const FIRST = 'The first figures are being made. Where sampling takes all cores, that takes a while.';

const unzip = promisify(gunzip);
const notice = (text: string): string => `<div class="notice">${escaped(text)}</div>`;
const asEvent = (name: string, data: string): string => `event: ${name}\ndata: ${data}\n\n`;

export class LivePage {
  readonly #options: LivePageOptions;
  readonly #readers = new Set<ServerResponse>();
  #timer: NodeJS.Timeout | undefined;
  #version: Version | undefined;
  #trouble: string | undefined;
  #making: Promise<void> | undefined;
  #notBefore = 0;

  constructor(options: LivePageOptions) {
    this.#options = options;
  }

  /** Answers a GET or HEAD; false where the path is none of the page's. */
  answer(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    if (path === '/') this.#sendPage(response);
    else if (path === '/live/events') this.#sendEvents(request, response);
    else if (path === '/live/figures') void this.#sendFigures(request, response);
    else return false;
    return true;
  }

  /** The run is over: whoever looks gets the last figures, and no more is made. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    try {
      if (this.#readers.size > 0) {
        const { lastFiguresMs } = this.#options;
        await Promise.race([this.#lastFigures(), sleep(lastFiguresMs, undefined, { ref: false })]);
        this.#tell('status', JSON.stringify(this.#statusHtml()));
        this.#tell('end', '');
        const end = performance.now() + LAST_READERS_MS;
        while (this.#readers.size > 0 && performance.now() < end) await sleep(50);
      }
    } finally {
      await this.#options.figures?.close();
    }
  }

  #statusHtml(): string {
    return statusView(this.#options.status(), this.#options.run);
  }

  /** Why there are no figures to see. */
  #newsHtml(): string {
    if (!this.#options.figures) return notice(IN_MEMORY);
    if (this.#trouble !== undefined) return notice(`Figures can't be made now: ${this.#trouble}`);
    if (this.#version) return '';
    return notice(this.#options.status().drawsStored > 0 ? FIRST : NO_DRAWS);
  }

  #sendPage(response: ServerResponse): void {
    const { run } = this.#options;
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': LIVE_POLICY,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .end(livePage(run.data, this.#statusHtml(), this.#newsHtml()));
  }

  #sendEvents(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (request.method === 'HEAD') return void response.end();
    this.#readers.add(response);
    response.once('close', () => {
      this.#readers.delete(response);
      if (this.#readers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
    if (this.#version) response.write(asEvent('figures', String(this.#version.number)));
    this.#timer ??= setInterval(() => this.#tick(), STATUS_MS);
    this.#tick();
  }

  async #sendFigures(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#version) {
      response
        .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
        .end('there are no figures yet\n');
      return;
    }
    const { gzipped, draws } = this.#version.made;
    const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
      'x-draws': String(draws),
    };
    if (takesGzip) response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(gzipped);
    else response.writeHead(200, headers).end(await unzip(gzipped));
  }

  #tick(): void {
    this.#tell('status', JSON.stringify(this.#statusHtml()));
    this.#tell('news', JSON.stringify(this.#newsHtml()));
    if (this.#making || performance.now() < this.#notBefore) return;
    const { drawsStored } = this.#options.status();
    if (drawsStored > (this.#version?.made.draws ?? 0)) void this.#make();
  }

  /** Makes figures; never rejects. */
  #make(): Promise<void> {
    const { figures } = this.#options;
    if (!figures) return Promise.resolve();
    const begun = performance.now();
    this.#making ??= figures
      .make()
      .then(
        (made) => this.#made(made),
        (error: unknown) => (this.#trouble = error instanceof Error ? error.message : String(error)),
      )
      .then(() => {
        const now = performance.now();
        // No more than half of the time, however long they take.
        this.#notBefore = now + Math.max(LEAST_PAUSE_MS, now - begun);
        this.#making = undefined;
      });
    return this.#making;
  }

  async #lastFigures(): Promise<void> {
    await this.#making;
    await this.#make();
  }

  #made(made: PackedFigures | undefined): void {
    this.#trouble = undefined;
    if (!made || made.draws === this.#version?.made.draws) return;
    this.#version = { made, number: (this.#version?.number ?? 0) + 1 };
    this.#tell('figures', String(this.#version.number));
    this.#tell('news', JSON.stringify(this.#newsHtml()));
  }

  #tell(name: string, data: string): void {
    for (const reader of this.#readers) {
      if (reader.writableLength < MOST_UNREAD_BYTES) reader.write(asEvent(name, data));
    }
  }
}
