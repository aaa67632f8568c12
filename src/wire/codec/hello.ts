/** How a worker introduces itself. */
import type { KernelChoice } from '../../kernel/kernel.js';
import { WireError, wholeUpTo } from '../check.js';
import type { v1 } from '../messages.js';
import { decodeKernelChoice } from './rule.js';

export interface HelloFacts {
  readonly protocolVersion: number;
  readonly streamVersion: number;
  readonly packageVersion: string;
  /** Host and process, for logs and metrics. */
  readonly name: string;
  readonly threads: number;
  /** Memory that shards and slots may take, in bytes. */
  readonly memoryBytes: number;
  readonly kernel: KernelChoice;
}

const MAX_THREADS = 4096;
const MAX_NAME = 200;

export function encodeHello(facts: HelloFacts): v1.Hello.$Properties {
  return facts;
}

/**
 * Versions are taken as they come, for the two sides may differ in the rest only when their versions do.
 * @throws WireError
 */
export function decodeHello(message: v1.Hello.$Properties): HelloFacts {
  const threads = wholeUpTo(message.threads, MAX_THREADS, 'hello.threads');
  if (threads < 1) throw new WireError('hello.threads must be at least 1');
  return {
    protocolVersion: message.protocolVersion ?? 0,
    streamVersion: message.streamVersion ?? 0,
    packageVersion: message.packageVersion ?? '',
    name: (message.name ?? '').slice(0, MAX_NAME),
    threads,
    memoryBytes: wholeUpTo(message.memoryBytes, Number.MAX_SAFE_INTEGER, 'hello.memory_bytes'),
    kernel: decodeKernelChoice(message.kernel, 'hello.kernel'),
  };
}
