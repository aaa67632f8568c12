/** What is wrong is said in one line, with an exit code of 2 for bad input and 1 for runs that fail. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { cli, scratchFolder, succeed, type CliOptions } from './support/cli.js';

const folder = scratchFolder('errors');
after(() => folder.remove());

async function fails(
  args: readonly string[],
  code: number,
  message: RegExp,
  options?: CliOptions,
): Promise<void> {
  const outcome = await cli(args, options);
  assert.equal(outcome.signal, null, `bitgibbs ${args.join(' ')} did not end`);
  assert.match(outcome.stderr, message);
  assert.equal(outcome.stderr.trim().split('\n').length, 1, `more than one line: ${outcome.stderr}`);
  assert.equal(outcome.stdout, '');
  assert.equal(outcome.code, code);
}

const file = (name: string, text: string): string => {
  const path = folder.join(name);
  writeFileSync(path, text);
  return path;
};

const usage: [string[], RegExp][] = [
  [['run', 'mnist', '--chain', '3'], /^bitgibbs: unknown option '--chain' \(Did you mean --chains\?\)/],
  [['walk'], /^bitgibbs: unknown command 'walk'/],
  [
    ['run', 'mnist', '--chains', '0'],
    /'--chains <C>' argument '0' is invalid\. It must be a whole number, from 1 to/,
  ],
  [
    ['run', 'mnist', '--pi', '1'],
    /'--pi <P>' argument '1' is invalid\. It must be a number above 0 and below 1\./,
  ],
  [
    ['run', 'mnist', '--kernel', 'gpu'],
    /'--kernel <name>' argument 'gpu' is invalid\. Allowed choices are auto, wasm, tfjs\./,
  ],
  [
    ['run', 'mnist', '--class-count', '33'],
    /'--class-count <K>' argument '33' .* whole number, from 2 to 32\./,
  ],
  [['run', 'mnist', '--images'], /option '--images <N>' argument missing/],
  [
    ['run', 'mnits'],
    /^bitgibbs: unknown data set 'mnits': known are mnist, mnist5x5, mnist56; or give a CSV or NPZ file/,
  ],
  [['run'], /^bitgibbs: no data set: known are mnist, mnist5x5, mnist56; or/],
  [
    ['run', 'mnist', '--classes', '1,12'],
    /^bitgibbs: classes must be whole numbers from 0 to 9 for mnist, got 12$/m,
  ],
  [['run', 'mnist56', '--images', '20000'], /^bitgibbs: images must be a whole number from 1 to 11339/],
  [['run', 'mnist56', '--images', '3', '--shards', '4'], /^bitgibbs: --shards must be at most 3, the rows/],
  [['run', 'mnist56', '--resume'], /^bitgibbs: --resume needs --out/],
  [
    ['run', 'mnist56', '--save-warmup', '--warmup', '4', '--thin', '5'],
    /^bitgibbs: --save-warmup needs --warmup of at least --thin \(5\) sweeps, got 4$/m,
  ],
  [['run', 'nowhere.csv'], /^bitgibbs: nowhere\.csv: no such file$/m],
  [['run', '--features', 'x.csv'], /^bitgibbs: --labels must be given beside --features$/m],
  [['worker'], /^bitgibbs: required option '--coordinator <host:port>' not specified$/m],
  [
    ['worker', '--coordinator', 'here'],
    /'--coordinator <host:port>' argument 'here' is invalid\. It must be host:port/,
  ],
  [['coordinator', 'mnist56', '--listen', '7070'], /'--listen <host:port>' argument '7070' is invalid/],
  [
    ['coordinator', 'mnist56', '--listen', '0.0.0.0:0'],
    /^bitgibbs: listen address 0\.0\.0\.0:0 can be reached from other machines: give --tls-cert, .* or --insecure to serve anyone$/m,
  ],
  [
    ['coordinator', 'mnist56', '--tls-cert', 'x.pem'],
    /^bitgibbs: --tls-key must be given beside --tls-cert$/m,
  ],
  [['coordinator', 'mnist56', '--tls-ca', 'x.pem'], /^bitgibbs: --tls-cert must be given beside --tls-ca$/m],
  [
    ['coordinator', 'mnist56', '--token-file', 'x'],
    /^bitgibbs: --token-file needs --tls-cert: a token must not be sent in clear$/m,
  ],
  [
    ['worker', '--coordinator', 'a:1', '--tls-ca', 'x'],
    /^bitgibbs: --tls-cert must be given beside --tls-ca$/m,
  ],
  [
    ['pull', '--coordinator', 'a:1', '--tls-ca', 'x'],
    /^bitgibbs: --tls-cert or --token-file must be given beside --tls-ca$/m,
  ],
  [['pull', '--coordinator', 'a:1', '--token-file', 'x'], /^bitgibbs: --token-file needs --tls-ca/],
  [
    ['worker', '--coordinator', 'a:1', '--tls-ca', 'x', '--tls-cert', 'y', '--tls-key', 'z'],
    /^bitgibbs: TLS authority x: no such file$/m,
  ],
  [['digest'], /^bitgibbs: missing required argument 'dir'$/m],
];

for (const [args, message] of usage) {
  test(`bitgibbs ${args.join(' ')}`, async () => {
    await fails(args, 2, message, { cwd: folder.path });
    assert.ok(!existsSync(folder.join('runs')), 'something was written');
  });
}

test('a variable that is wrong is named', async () => {
  await fails(
    ['run', 'mnist'],
    2,
    /value 'many' from env 'BITGIBBS_DRAWS' is invalid\. It must be a whole number/,
    {
      env: { BITGIBBS_DRAWS: 'many' },
    },
  );
});

test('features that are not binary, labels out of range and short rows are found by row and column', async () => {
  const grey = file('grey.csv', 'a,b,label\n0,1,1\n0,0.5,0\n');
  await fails(
    ['run', grey],
    2,
    /grey\.csv: row 2, column 2 \(b\) is "0\.5", must be 0 or 1 \(or give a threshold/,
  );
  const wrong = file('labels.csv', '0,1,0\n0,1,7\n');
  await fails(
    ['run', wrong, '--class-count', '3'],
    2,
    /labels\.csv: row 2, column 3 is "7", must be a label: .* 0 to 2$/m,
  );
  const short = file('short.csv', '0,1,0\n0,1\n');
  await fails(['run', short], 2, /short\.csv: row 2 has 2 columns, must have 3/);
});

test('nobody answers at the address of a coordinator', async () => {
  const message = /^bitgibbs: no coordinator answers at 127\.0\.0\.1:1 \(waited/;
  await fails(['pull', '--coordinator', '127.0.0.1:1'], 1, message);
  await fails(['worker', '--coordinator', '127.0.0.1:1', '--wait', '1'], 1, message);
});

test('a port in use leaves no run behind', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const out = folder.join('port');
    await fails(
      ['coordinator', 'mnist56', '--listen', address, '--out', out],
      1,
      /is in use by another program/,
    );
    assert.ok(!existsSync(out), 'the folder of the run is still there');
  } finally {
    server.close();
  }
});

test('an output folder that holds a run, or something else, is not touched', async () => {
  const out = folder.join('taken');
  const small = ['mnist56', '--images', '50', '--chains', '1', '--warmup', '0', '--draws', '1'];
  await succeed(['serial', ...small, '--out', out]);
  const before = readdirSync(out);
  await fails(
    ['run', ...small, '--out', out],
    1,
    /holds a run: go on with --resume, replace it with --force/,
  );
  assert.deepEqual(readdirSync(out), before);
  await succeed(['serial', ...small, '--out', out, '--force']);
  mkdirSync(folder.join('other'));
  file('other/thesis.txt', 'x');
  await fails(['run', ...small, '--out', folder.join('other'), '--force'], 1, /\(thesis\.txt\)/);
  assert.deepEqual(readdirSync(folder.join('other')), ['thesis.txt']);
});

test('a run can only go on with the settings it began with', async () => {
  const out = folder.join('settings');
  const small = ['mnist56', '--images', '50', '--chains', '1', '--warmup', '0', '--draws', '2', '--out', out];
  await succeed(['serial', ...small]);
  await fails(
    ['run', ...small, '--resume', '--seed', '2'],
    1,
    /cannot go on with the run in .*: its seed is 1, not 2$/m,
  );
  await fails(['run', ...small.slice(0, -1), folder.join('none'), '--resume'], 1, /holds no run/);
});

test('a folder without a run has no digest', async () => {
  await fails(['digest', folder.path], 1, /holds no run/);
});
