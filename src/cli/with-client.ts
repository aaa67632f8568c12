/** A client of a coordinator for as long as a command needs it. */
import { RunClient } from '../client/index.js';
import { identityOf, type ClientSecurityFlags } from './flags/security.js';

/** @throws UsageError when the flags don't fit together; ClientError when nobody answers */
export async function withClient(
  address: string,
  flags: ClientSecurityFlags,
  work: (client: RunClient) => Promise<void>,
): Promise<void> {
  const identity = await identityOf(flags, 'client', (line) => process.stderr.write(`${line}\n`));
  const client = new RunClient(address, identity);
  try {
    await client.ready();
    await work(client);
  } finally {
    client.close();
  }
}
