/** `bitgibbs extend` and `bitgibbs stop`: what a client may change of a run. */
import type { ClientSecurityFlags } from '../flags/security.js';
import { withClient } from '../with-client.js';

export interface ExtendFlags extends ClientSecurityFlags {
  readonly draws: number;
}

export interface StopFlags extends ClientSecurityFlags {
  readonly finish?: boolean;
}

/** @throws UsageError, ClientError */
export async function extend(address: string, flags: ExtendFlags): Promise<void> {
  await withClient(address, flags, (client) => client.extend(flags.draws));
}

/** @throws UsageError, ClientError */
export async function stop(address: string, flags: StopFlags): Promise<void> {
  await withClient(address, flags, (client) => client.stop({ finish: flags.finish ?? false }));
}
