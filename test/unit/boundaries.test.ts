import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const tool = (...parts: string[]) => path.join(root, 'node_modules', ...parts);

/** A small project with this project's rules and the given modules; linked to its packages. */
function project(files: Record<string, string>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitgibbs-boundaries-'));
  for (const name of ['.dependency-cruiser.cjs', 'eslint.config.js', 'tsconfig.json', 'package.json']) {
    fs.copyFileSync(path.join(root, name), path.join(folder, name));
  }
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, 'src', name)), { recursive: true });
    fs.writeFileSync(path.join(folder, 'src', name), text);
  }
  return folder;
}

interface Summary {
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
}

/** The import rules that a project breaks, as `from → to: rule`. */
function brokenImports(folder: string): string[] {
  const cruiser = tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const args = [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  const { summary } = JSON.parse(stdout) as Summary;
  const short = (file: string) => file.replace(/^.*\/node_modules\//, 'node_modules/');
  return summary.violations.map(({ from, to, rule }) => `${from} → ${short(to)}: ${rule.name}`).sort();
}

interface LintResult {
  filePath: string;
  messages: { ruleId: string }[];
}

/** The lint rules that a project breaks, as `file: rule`. */
function brokenRules(folder: string): string[] {
  const args = [tool('eslint', 'bin', 'eslint.js'), '--format', 'json', 'src'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  const broken = (JSON.parse(stdout) as LintResult[]).flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId }) => `${path.relative(path.join(folder, 'src'), filePath)}: ${ruleId}`),
  );
  return broken.sort();
}

describe('import boundaries', () => {
  const folders: string[] = [];
  const make = (files: Record<string, string>) => {
    const folder = project(files);
    folders.push(folder);
    return folder;
  };
  after(() => folders.forEach((folder) => fs.rmSync(folder, { recursive: true })));

  test('imports along the arrows pass', () => {
    const folder = make({
      'posterior/a.ts': 'export const a = 1;',
      'kernel/kernel.ts': "import type { a } from '../posterior/a.js';\nexport type K = typeof a;",
      'sampler/s.ts': "import type { K } from '../kernel/kernel.js';\nexport const s: K = 1;",
      'coordinator/brain/b.ts': "import { s } from '../../sampler/s.js';\nexport const b = s;",
      'coordinator/server.ts':
        "import { b } from './brain/b.js';\nimport fs from 'node:fs';\nfs.statSync(String(b));",
      'cli/main.ts': "import '../coordinator/server.js';",
    });
    assert.deepEqual(brokenImports(folder), []);
    assert.deepEqual(brokenRules(folder), []);
  });

  test('imports against the arrows, of I/O in pure folders, and cycles are found', () => {
    const folder = make({
      'posterior/a.ts': "import { s } from '../sampler/s.js';\nexport const a = s;",
      'posterior/io.ts': "import fs from 'node:fs';\nfs.statSync('.');",
      'kernel/kernel.ts': 'export const k = 1;',
      'sampler/s.ts': "import { k } from '../kernel/kernel.js';\nexport const s = k;",
      'sampler/package.ts': "import { Command } from 'commander';\nexport const c = Command;",
      'coordinator/brain/b.ts': "import { x } from '../server.js';\nexport const b = x;",
      'coordinator/server.ts': "import { b } from './brain/b.js';\nexport const x: number = b;",
      'worker/w.ts': "import '../coordinator/server.js';",
      'unplanned/u.ts': "import '../posterior/io.js';",
    });
    assert.deepEqual(
      brokenImports(folder).filter((line) => !line.includes('cycles')),
      [
        'src/coordinator/brain/b.ts → src/coordinator/server.ts: coordinator/brain-is-pure',
        'src/posterior/a.ts → src/sampler/s.ts: posterior-imports',
        'src/posterior/a.ts → src/sampler/s.ts: posterior-is-pure',
        'src/posterior/io.ts → fs: posterior-is-pure',
        'src/sampler/package.ts → node_modules/commander/typings/index.d.ts: sampler-is-pure',
        'src/sampler/s.ts → src/kernel/kernel.ts: sampler-imports-types',
        'src/unplanned/u.ts → src/posterior/io.ts: folder-without-a-place',
        'src/worker/w.ts → src/coordinator/server.ts: worker-imports',
      ],
    );
    assert.ok(brokenImports(folder).some((line) => line.endsWith('no-cycles')));
  });

  test('clocks, timers, randomness and dynamic imports are found in pure folders, and only there', () => {
    const files = {
      'clock.ts': 'export const t = Date.now();',
      'dynamic.ts': "export const d = () => import('node:fs');",
      'env.ts': 'export const e = process.env;',
      'random.ts': 'export const r = Math.random();',
      'timer.ts': 'setTimeout(() => undefined, 1);',
    };
    const pure = ['coordinator/brain', 'diagnostics', 'posterior', 'sampler/deep'];
    const places = [...pure, 'coordinator'];
    const folder = make(
      Object.fromEntries(
        places.flatMap((place) => Object.entries(files).map(([name, text]) => [`${place}/${name}`, text])),
      ),
    );
    assert.deepEqual(
      brokenRules(folder),
      pure.flatMap((place) => [
        `${place}/clock.ts: no-restricted-globals`,
        `${place}/dynamic.ts: no-restricted-syntax`,
        `${place}/env.ts: no-restricted-globals`,
        `${place}/random.ts: no-restricted-properties`,
        `${place}/timer.ts: no-restricted-globals`,
      ]),
    );
  });
});
