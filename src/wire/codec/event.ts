/** Events of a run, as clients are told. */
import type { EventKind, RunEvent } from '../../coordinator/events.js';
import { v1 } from '../messages.js';
import { nameOf } from './status.js';

const KINDS: Readonly<Record<EventKind, v1.EventType>> = {
  'worker-joined': v1.EventType.EVENT_TYPE_WORKER_JOINED,
  'worker-left': v1.EventType.EVENT_TYPE_WORKER_LEFT,
  'worker-lost': v1.EventType.EVENT_TYPE_WORKER_LOST,
  'worker-dropped': v1.EventType.EVENT_TYPE_WORKER_DROPPED,
  'warmup-ended': v1.EventType.EVENT_TYPE_WARMUP_ENDED,
  converged: v1.EventType.EVENT_TYPE_CONVERGED,
  extended: v1.EventType.EVENT_TYPE_EXTENDED,
  stopping: v1.EventType.EVENT_TYPE_STOPPING,
  finished: v1.EventType.EVENT_TYPE_FINISHED,
  stopped: v1.EventType.EVENT_TYPE_STOPPED,
  failed: v1.EventType.EVENT_TYPE_FAILED,
};

/** An event that this version may not know the kind of. */
export type KnownEvent = Omit<RunEvent, 'kind'> & { readonly kind: EventKind | 'other' };

export function encodeEvent({
  number,
  time,
  kind,
  text,
  worker,
  drawsStored,
}: RunEvent): v1.Event.$Properties {
  const milliseconds = time.getTime();
  const seconds = Math.floor(milliseconds / 1000);
  return {
    ...{ number, text, storedDraws: drawsStored, type: KINDS[kind] },
    time: { seconds, nanos: (milliseconds - 1000 * seconds) * 1_000_000 },
    ...(worker === undefined ? {} : { worker }),
  };
}

export function decodeEvent(message: v1.Event.$Properties): KnownEvent {
  const { seconds, nanos } = message.time ?? {};
  return {
    number: message.number ?? 0,
    time: new Date(1000 * Number(seconds ?? 0) + (nanos ?? 0) / 1_000_000),
    kind: nameOf<EventKind | 'other'>({ ...KINDS, other: -1 }, message.type, 'other'),
    text: message.text ?? '',
    drawsStored: message.storedDraws ?? 0,
    ...(typeof message.worker === 'number' ? { worker: message.worker } : {}),
  };
}
