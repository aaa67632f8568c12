/** Pulls a shard from the coordinator. */
import type { Client } from '@grpc/grpc-js';
import type { Rows } from '../posterior/rows.js';
import { callServerStream } from '../wire/client.js';
import { workerService, type PullShardResponse } from '../wire/services.js';
import { ShardAssembly, type ShardWanted } from './shard-assembly.js';

/**
 * @throws WireError when what comes is damaged
 * @throws ServiceError when the coordinator refuses or the connection breaks
 */
export async function pullShard(client: Client, wanted: ShardWanted): Promise<Rows> {
  const { runId, shard } = wanted;
  const call = callServerStream(client, workerService.pullShard, { runId, shard });
  const assembly = new ShardAssembly(wanted);
  try {
    for await (const message of call) assembly.add(message as PullShardResponse);
  } finally {
    call.cancel();
  }
  return assembly.rows();
}
