/** What the image runs from, made and run without a container engine: no rights, a read-only root file system. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parse } from 'yaml';
import { scratchFolder } from '../e2e/support/cli.js';
import { chartTool, inProject, output, without } from './support/parts.js';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'only root can mount';
const USER = 10001;

test('the image needs no rights and writes to its volume only', { skip }, (t) => {
  const scratch = scratchFolder('image');
  t.after(() => scratch.remove());
  const app = scratch.join('app');
  const data = scratch.join('data');
  output('sh', ['deploy/image/assemble.sh', inProject().replace(/\/$/, ''), app]);
  assert.ok(!existsSync(join(app, 'node_modules', '@tensorflow')));
  mkdirSync(data);
  chownSync(data, USER, USER);
  chmodSync(scratch.path, 0o755);
  // A mount of its own stays writable when the root is not.
  const script = `
    mount --make-rprivate /
    mount --bind "$DATA" "$DATA"
    mount -o remount,bind,ro /
    cd "$DATA"
    exec setpriv --reuid ${USER} --regid ${USER} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all sh -euc '
      ! touch "$APP/x" 2> touched
      grep -q "Read-only file system\\|Permission denied" touched
      test "$(id -u)" = ${USER}
      bitgibbs run mnist56 --draws 3 --warmup 5 --out run > summary
      bitgibbs serial mnist56 --draws 3 --warmup 5 --out serial > summary
      bitgibbs digest run
      bitgibbs digest serial
      bitgibbs-coordinator 2>&1 || true
    '`;
  const path = `${app}/bin:${dirname(process.execPath)}:${process.env['PATH']}`;
  const said = output('env', [
    ...['-i', `PATH=${path}`, `APP=${app}`, `DATA=${data}`, 'NODE_ENV=production'],
    ...['unshare', '--mount', 'sh', '-euc', script],
  ]);
  const [run, serial, missing] = said.trim().split('\n');
  assert.match(run!, /[0-9a-f]{64}/);
  assert.equal(run, serial);
  assert.match(missing!, /BITGIBBS_OUT: the folder of the run/);
});

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

describe('docker compose', () => {
  const file = inProject('deploy', 'compose', 'compose.yaml');
  const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as {
    services: Record<string, Service>;
  };

  test('mounts files that are there', () => {
    const mounts = Object.values(services)
      .flatMap(({ volumes = [] }) => volumes)
      .filter((volume) => volume.startsWith('.'))
      .map((volume) => join(dirname(file), volume.split(':')[0]!));
    assert.ok(mounts.length >= 6);
    for (const mount of mounts) assert.ok(statSync(mount).isFile(), mount);
  });

  const scratch = scratchFolder('compose');
  after(() => scratch.remove());
  const noCheck = without('chart-tools');
  test(
    'is loaded as docker compose loads it, and not with a key that it does not know',
    { skip: noCheck },
    () => {
      const project = JSON.parse(output(chartTool('bin', 'compose-check'), [file])) as {
        services: Record<string, { command: string[] | null }>;
      };
      assert.deepEqual(Object.keys(project.services).sort(), Object.keys(services).sort());
      const text = readFileSync(file, 'utf8');
      for (const [right, wrong, said] of [
        // Of one service only: which of several is told first is chance.
        ['entrypoint: [', 'entrypoints: [', /services\.coordinator\.entrypoints false schema/],
        ['cap_drop: [ALL]', 'cap_drop: ALL', /cap_drop must be an? array/],
      ] as const) {
        assert.ok(text.includes(right), right);
        const mutant = scratch.join('compose.yaml');
        writeFileSync(mutant, text.replace(right, wrong));
        assert.throws(() => output(chartTool('bin', 'compose-check'), [mutant]), said);
      }
    },
  );

  test('gives the parts of a run read-only root file systems', () => {
    assert.deepEqual(
      ['coordinator', 'worker'].map((name) => services[name]!.read_only),
      [true, true],
    );
  });

  test('names variables that are flags of the commands', () => {
    for (const [command, flags] of [
      ['coordinator', services['coordinator']!],
      ['worker', services['worker']!],
    ] as const) {
      const help = output(process.execPath, [inProject('build/src/cli/main.js'), command, '--help']);
      const unknown = Object.keys(flags.environment ?? {}).filter((name) => !help.includes(name));
      assert.deepEqual(unknown, []);
    }
  });
});
