/** The client API from outside: .proto files that pass buf, and a client that only knows what reflection tells it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { unpackWeights } from '../../src/posterior/weights.js';
import { DrawDigest, digestOf } from '../../src/store/digest.js';
import { buf, grpcurl, withoutApiTools } from './support/api-tools.js';
import { coordinatorOf, until, workerOf } from './support/cluster.js';
import { problem } from './support/problem.js';

const WHOLE = problem({ draws: 600 });
const { features, classes } = WHOLE.rule.model;
const SERVICE = 'bitgibbs.v1.ChainService';
const options = { skip: withoutApiTools };

interface JsonDraw {
  readonly chain: number;
  readonly draw: number;
  readonly logLikQ: string;
  readonly bits: string;
}

/** Its output is one indented object after the other. */
function objectsOf<T>(text: string): T[] {
  return text.split(/(?<=^\})\n/m).flatMap((part) => (part.trim() ? [JSON.parse(part) as T] : []));
}

test('the .proto files pass buf', options, async () => {
  const lint = await buf('lint');
  assert.deepEqual([lint.code, lint.stdout, lint.stderr], [0, '', '']);
});

test('grpcurl finds every service, and reads all draws of a run', options, async (t) => {
  const { handle, store } = await coordinatorOf(t, WHOLE, { flushMs: 20 });
  const { stdout: services } = await grpcurl(handle.address, 'list');
  for (const name of [SERVICE, 'bitgibbs.v1.WorkerService', 'grpc.health.v1.Health']) {
    assert.ok(services.split('\n').includes(name), services);
  }
  const health = await grpcurl(handle.address, 'grpc.health.v1.Health/Check');
  assert.match(health.stdout, /"SERVING"/);
  const reading = grpcurl('-d', '{"follow": true}', handle.address, `${SERVICE}/StreamDraws`);
  await until(handle, ({ bytesReceived }) => bytesReceived > 0);
  void workerOf(t, handle.address);
  const { code, stdout, stderr } = await reading;
  assert.equal(code, 0, stderr);
  const messages = objectsOf<{ draws: JsonDraw[]; end: string }>(stdout);
  assert.equal(messages.at(-1)!.end, 'STREAM_END_FINISHED');
  const digest = new DrawDigest({ features, classes, chains: 3 });
  for (const { chain, draw, logLikQ, bits } of messages.flatMap(({ draws }) => draws)) {
    const w = unpackWeights(Buffer.from(bits, 'base64'), features * classes);
    digest.add({ chain, draw, logLikQ: Number(logLikQ), w });
  }
  assert.equal(digest.hex(), await digestOf(store, { features, classes, chains: 3 }));
});

test('grpcurl is told what is wrong with a request', options, async (t) => {
  const { handle } = await coordinatorOf(t, WHOLE);
  const { code, stderr } = await grpcurl(
    '-d',
    '{"from_draw": 601}',
    handle.address,
    `${SERVICE}/StreamDraws`,
  );
  assert.notEqual(code, 0);
  assert.match(stderr, /InvalidArgument[^]*from_draw must be at most 600[^]*google\.rpc\.BadRequest/);
});
