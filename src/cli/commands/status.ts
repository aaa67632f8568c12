/** `bitgibbs status`: how a run stands, on one screen. */
import type { ClientSecurityFlags } from '../flags/security.js';
import { statusText } from '../status-text.js';
import { withClient } from '../with-client.js';

export interface StatusFlags extends ClientSecurityFlags {
  readonly json?: boolean;
}

/** @throws UsageError, ClientError */
export async function status(address: string, flags: StatusFlags): Promise<void> {
  await withClient(address, flags, async (client) => {
    const run = await client.run();
    const answer = await client.status();
    const { totalSweeps } = answer;
    const text = flags.json ? JSON.stringify({ ...answer.status, totalSweeps }) : statusText(run, answer);
    process.stdout.write(`${text}\n`);
  });
}
