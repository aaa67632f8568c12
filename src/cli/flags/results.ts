/** Flags of the commands that look at a run on disk. */
import { InvalidArgumentError, type Option } from 'commander';
import type { WeightChoice } from '../posterior-table.js';
import { flag } from './flag.js';
import type { ClientSecurityFlags } from './security.js';
import { finite, whole } from './values.js';

export interface SummaryFlags extends ClientSecurityFlags {
  readonly weights: WeightChoice;
  readonly test?: string;
  readonly json?: boolean;
}

export interface ReportFlags {
  readonly out: string;
  readonly test?: string;
  readonly force?: boolean;
}

export interface PredictFlags {
  readonly out?: string;
  readonly force?: boolean;
  readonly threshold?: number;
  readonly weightsColumn?: string;
  /** Draws to average over at most. */
  readonly draws: number;
}

/** Weights as feature:class, separated by commas; or the word worst. */
export function weightChoice(text: string): WeightChoice {
  if (text === 'worst') return text;
  return text.split(',').map((part) => {
    const match = /^\s*(\d+):(.+?)\s*$/.exec(part);
    if (match) return { feature: Number(match[1]), className: match[2]! };
    throw new InvalidArgumentError(
      "It must be weights as feature:class, as 350:3,351:3, or the word 'worst'.",
    );
  });
}

function testFlag(): Option {
  return flag(
    '--test <file>',
    'CSV of held-out rows, the last column is the label (mnist, mnist5x5 and mnist56 bring theirs)',
  );
}

export function summaryFlags(): Option[] {
  return [
    flag(
      '--weights <list>',
      'weights with a row, as 350:3,351:3 (feature:class), or worst',
      weightChoice,
    ).default('worst'),
    testFlag(),
    flag('--json', 'one line of JSON'),
  ];
}

export function reportFlags(): Option[] {
  return [
    flag('-o, --out <file>', 'the page to write').default('report.html'),
    flag('--force', 'replace the file of --out'),
    testFlag(),
  ];
}

export function predictFlags(): Option[] {
  return [
    flag('-o, --out <file>', 'write to this file (default: standard output)'),
    flag('--force', 'replace the file of --out'),
    flag('--threshold <T>', "a raw value above T is a 1 (default: the run's)", finite),
    flag(
      '--weights-column <name or number>',
      'column of row weights in a CSV file, which is not read into features',
    ),
    flag('--draws <M>', 'average over so many draws at most, evenly spread over the run', whole(1)).default(
      2000,
    ),
  ];
}
