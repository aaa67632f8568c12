/** What one worker owes: answers that were asked of it, and how large they may be. */
import { WireError } from '../wire/check.js';
import { answerBytes } from '../wire/codec/answer-size.js';
import type { WorkerCommand } from '../wire/codec/command.js';

/** Heartbeats come one an interval; more than this many between two of ours are no heartbeats. */
const HEARTBEATS = 20;

export class AnswerAccount {
  readonly #weights: number;
  readonly #allow: (bytes: number) => void;
  #owed = 0;
  #largest = 0;
  #heartbeats = 0;

  /** @param weights D K @param allow lets the worker send messages of so many bytes */
  constructor(weights: number, allow: (bytes: number) => void) {
    this.#weights = weights;
    this.#allow = allow;
  }

  asked(command: WorkerCommand): void {
    const bytes = answerBytes(command, this.#weights);
    if (bytes === 0) return;
    this.#owed++;
    if (bytes <= this.#largest) return;
    this.#largest = bytes;
    this.#allow(bytes);
  }

  /** @throws WireError when nothing is owed */
  answered(): void {
    if (this.#owed === 0) throw new WireError('an answer came to nothing that was asked');
    this.#owed--;
  }

  /** This side has sent a heartbeat. */
  beat(): void {
    this.#heartbeats = 0;
  }

  /** @throws WireError when they come far too often */
  heartbeat(): void {
    if (++this.#heartbeats > HEARTBEATS) throw new WireError('heartbeats come far too often');
  }
}
