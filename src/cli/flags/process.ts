/** Flags of processes that go on for long: what they log, and how long they may take to end. */
import type { Option } from 'commander';
import { LOG_LEVELS } from '../../telemetry/log.js';
import { LOG_FORMATS, type LogStyle } from '../log.js';
import { flag } from './flag.js';
import { positive } from './values.js';

export interface ProcessFlags extends LogStyle {
  /** Seconds. */
  readonly grace: number;
}

export function processFlags(): Option[] {
  return [
    flag('--log-format <name>', 'lines for people, or JSON for programs')
      .choices(LOG_FORMATS)
      .default('pretty'),
    flag('--log-level <name>', 'the least that is told').choices(LOG_LEVELS).default('info'),
    flag(
      '--grace <seconds>',
      'how long a stop (SIGTERM) may take; the process ends then as it is',
      positive,
    ).default(10),
  ];
}
