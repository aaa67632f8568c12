/** Flags of `pull`. */
import type { Option } from 'commander';
import { flag } from './flag.js';
import type { ClientSecurityFlags } from './security.js';
import { whole } from './values.js';

export interface PullFlags extends ClientSecurityFlags {
  readonly coordinator: string;
  readonly follow?: boolean;
  readonly from: number;
  readonly every: number;
  readonly onlyChains?: readonly number[];
  readonly out?: string;
  readonly force?: boolean;
  readonly resume?: boolean;
}

const chain = whole(0);

export function pullFlags(): Option[] {
  return [
    flag(
      '--follow',
      'wait for more draws until the run ends, also while the coordinator is away for a minute',
    ),
    flag('--from <draw>', 'first draw wanted, from 0', whole(0)).default(0),
    flag('--every <n>', 'only draws whose number is a multiple of n', whole(1)).default(1),
    flag('--only-chains <list>', 'only these chains, as 0,1', (text) => text.split(',').map(chain)),
    flag('--out <file>', 'write to this file (default: standard output)'),
    flag('--resume', 'go on with the file of --out where it ends'),
    flag('--force', 'replace the file of --out'),
  ];
}
