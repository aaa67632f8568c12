/** gRPC settings that coordinator, workers and clients share. */
import { logVerbosity, setLogVerbosity, type ChannelOptions } from '@grpc/grpc-js';

// grpc-js would print errors that are told in a line of our own.
if (!process.env['GRPC_VERBOSITY']) setLogVerbosity(logVerbosity.NONE);

const MIB = 2 ** 20;

/** Chunks of shards stay below this, so that pulls don't depend on the limits below. */
export const SHARD_CHUNK_BYTES = MIB;

/** Most chains bring no more than kilobytes; first guesses of many chains of a wide model come to megabytes. */
const MAX_MESSAGE_BYTES = 512 * MIB;

export const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  // A peer whose machine is gone closes nothing: pings find that out below the application's own heartbeats.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
  // Compression is for text; bits and partials only lose time in it.
  'grpc.default_compression_algorithm': 0,
  // Nobody serves channelz here: its counts a message are for nothing.
  'grpc.enable_channelz': 0,
  'grpc-node.max_session_memory': 64,
  'grpc-node.flow_control_window': 4 * MIB,
};
