/**
 * Makes protobufjs decode 64-bit fields as plain numbers. Every such field of bitgibbs.v1 is an exact integer in a
 * double (below 2^53), and `Long` objects would have to be converted at every use.
 * Import this before the generated messages: their default values are made when they load.
 */
import protobuf from 'protobufjs/minimal.js';

(protobuf.util as { Long: unknown }).Long = undefined;
protobuf.configure();
