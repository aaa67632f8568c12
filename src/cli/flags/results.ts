/** Flags of the commands that look at a run on disk. */
import { InvalidArgumentError, type Option } from 'commander';
import type { WeightChoice } from '../posterior-table.js';
import { flag } from './groups.js';

export interface SummaryFlags {
  readonly weights: WeightChoice;
  readonly test?: string;
  readonly json?: boolean;
}

export interface ReportFlags {
  readonly out: string;
  readonly test?: string;
  readonly force?: boolean;
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
