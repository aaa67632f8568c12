/** What the brain's parts share: settings, and where commands and figures go. */
import type { NeighbourPairs } from '../../sampler/sites.js';
import type { AuditPlan } from './audits.js';
import type { Chain, Stretch } from './chain.js';
import type { BrainConfig } from './config.js';
import type { BrainCommand, WorkerId } from './messages.js';
import type { Ledger } from './statistics.js';

export interface BrainContext {
  readonly config: BrainConfig;
  readonly pairs: NeighbourPairs;
  readonly ledger: Ledger;
  readonly audits: AuditPlan;
  /** Of a worker that is there. */
  threadsOf(worker: WorkerId): number;
  emit(command: BrainCommand): void;
  /** Ends an audited stretch of a chain's sweeps. @param spread whether several workers walked it */
  advance(chain: Chain, stretch: Stretch, spread: boolean): void;
}
