// Compiles everything into build/: messages (protobufjs), the WebAssembly kernel (AssemblyScript), TypeScript.
// Each step is skipped while the content of its inputs is what it was.
import fs from 'node:fs';
import path from 'node:path';
import { packagesKey } from './dependencies.mjs';
import { Failure, filesUnder, hashFiles, inRoot, root, run, say, writeFile } from './util.mjs';

const assembly = inRoot('src', 'kernel', 'wasm', 'assembly');
const yardstick = inRoot('bench', 'yardstick', 'assembly');
const generated = inRoot('src', 'gen');
const ts = (file) => file.endsWith('.ts');
const isProto = (file) => file.endsWith('.proto');
const bin = (...parts) => inRoot('node_modules', ...parts);

const steps = [
  {
    name: 'messages',
    inputs: () => filesUnder(inRoot('proto'), isProto),
    outputs: ['src/gen/bitgibbs.js', 'src/gen/bitgibbs.d.ts', 'build/src/gen/bitgibbs.js'],
    run: compileMessages,
  },
  {
    name: 'wasm',
    inputs: () => {
      const sources = filesUnder(assembly, ts);
      return sources.some((file) => path.basename(file) === 'index.ts')
        ? [...sources, inRoot('src', 'kernel', 'wasm', 'layout.ts'), inRoot('asconfig.json')]
        : [];
    },
    outputs: ['build/src/kernel/wasm/flip.wasm'],
    run: () => node('AssemblyScript', [bin('assemblyscript', 'bin', 'asc.js'), '--config', 'asconfig.json']),
  },
  {
    name: 'yardstick',
    inputs: () => filesUnder(yardstick, ts),
    outputs: ['build/bench/yardstick/flip.wasm'],
    run: ([source]) => {
      const options = ['--config', 'none', '--enable', 'simd', '-O3', '--noAssert', '--runtime', 'stub'];
      const out = ['--outFile', 'build/bench/yardstick/flip.wasm'];
      return node('AssemblyScript', [bin('assemblyscript', 'bin', 'asc.js'), source, ...options, ...out]);
    },
  },
  {
    name: 'typescript',
    inputs: () => {
      const sources = ['src', 'test', 'bench', 'deploy'].flatMap((folder) => filesUnder(inRoot(folder), ts));
      const handWritten = (file) =>
        ![assembly, yardstick, generated].some((folder) => file.startsWith(folder + path.sep));
      return [
        ...sources.filter(handWritten),
        ...filesUnder(inRoot('proto'), isProto),
        inRoot('tsconfig.json'),
      ];
    },
    outputs: [],
    run: compileTypeScript,
  },
];

async function node(what, args) {
  const result = await run(process.execPath, args);
  if (!result.ok) throw new Failure(`${what} did not compile:\n${result.out.trim()}`);
}

/** One ES module with every message, and its types. */
async function compileMessages(protos) {
  fs.mkdirSync(generated, { recursive: true });
  const out = path.join(generated, 'bitgibbs.js');
  const options = ['--no-service', '--no-delimited', '--no-typeurl', '--force-number', '--path', 'proto'];
  await node('proto/', [
    bin('protobufjs-cli', 'bin', 'pbjs'),
    ...['--target', 'static-module', '--wrap', 'esm', '--dependency', 'protobufjs/minimal.js'],
    ...[...options, '--dts', '--out', out, ...protos.map((file) => path.relative(inRoot('proto'), file))],
  ]);
  writeFile(inRoot('build', 'src', 'gen', 'bitgibbs.js'), fs.readFileSync(out));
}

async function compileTypeScript() {
  await node('TypeScript', [bin('typescript', 'bin', 'tsc'), '--pretty', 'false']);
  removeStale();
}

/** Removes compiled files whose source is gone, so that no dead test or module lives on. */
function removeStale() {
  for (const file of filesUnder(inRoot('build'), (name) => /\.js(\.map)?$/.test(name))) {
    const source = path.join(root, path.relative(inRoot('build'), file)).replace(/\.map$/, '');
    if (!fs.existsSync(source) && !fs.existsSync(source.replace(/\.js$/, '.ts'))) fs.rmSync(file);
  }
}

const stampOf = (step) => inRoot('build', '.stamps', step.name);
function pending(tools) {
  return steps
    .map((step) => ({ step, inputs: step.inputs() }))
    .filter(({ inputs }) => inputs.length > 0)
    .map((work) => ({ ...work, key: `${hashFiles(work.inputs)} ${tools}` }))
    .filter(({ step, key }) => {
      const stamp = fs.existsSync(stampOf(step)) ? fs.readFileSync(stampOf(step), 'utf8') : '';
      return stamp !== key || step.outputs.some((output) => !fs.existsSync(inRoot(output)));
    });
}

export const buildReady = () => pending(packagesKey()).length === 0;

export async function build() {
  const work = pending(packagesKey());
  if (work.length === 0) return;
  say(`compiling: ${work.map(({ step }) => step.name).join(', ')}`);
  const finish = async ({ step, inputs, key }) => {
    await step.run(inputs);
    writeFile(stampOf(step), key);
  };
  // TypeScript reads the types that the messages step writes; the WebAssembly modules stand alone.
  const messages = work.find(({ step }) => step.name === 'messages');
  if (messages) await finish(messages);
  const rest = await Promise.allSettled(work.filter((one) => one !== messages).map(finish));
  const failed = rest.filter((r) => r.status === 'rejected').map((r) => r.reason);
  const bug = failed.find((error) => !(error instanceof Failure));
  if (bug) throw bug;
  if (failed.length > 0) throw new Failure(failed.map((error) => error.message).join('\n'));
}
