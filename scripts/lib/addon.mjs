// Compiles the addon of @tensorflow/tfjs-node: two C++ files that ship with the package, in one compiler call.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { npmCommand } from './dependencies.mjs';
import { findPip, pipEnv, pipOptions } from './python.mjs';
import { Failure, lastLines, patience, run, say, which } from './util.mjs';

export const NAPI = 8; // the newest Node-API version that the package lists; one build serves every later Node

/** The compiler. Where the system has none, the one in the Python package ziglang does; nothing of it stays. */
async function findCompiler(temp) {
  for (const name of [process.env.CXX, 'g++', 'c++', 'clang++'].filter(Boolean)) {
    const [command, ...first] = name.split(' ');
    if (which(command)) return { name, command, first, env: {} };
  }
  const need = 'no C++ compiler was found (Debian, Ubuntu: apt-get install g++; or set CXX)';
  const pip = findPip();
  if (!pip) throw new Failure(need);
  say(
    'no C++ compiler here: fetching the Python package ziglang (100 MB) for this one compile, about a minute',
  );
  const folder = path.join(temp, 'zig');
  const options = ['--no-deps', '--no-compile', '--only-binary=:all:', ...pipOptions, '--target', folder];
  const result = await run(pip[0], [...pip[1], 'install', ...options, 'ziglang==0.13.0'], {
    env: pipEnv,
    watch: patience('pip install ziglang', 900),
  });
  const command = path.join(folder, 'ziglang', 'zig');
  if (!result.ok || !fs.existsSync(command))
    throw new Failure(`${need}; ziglang could not be fetched either:\n${lastLines(result.out, 3)}`);
  fs.chmodSync(command, 0o755);
  const cpu = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const env = {
    ZIG_GLOBAL_CACHE_DIR: path.join(temp, 'zig-cache'),
    ZIG_LOCAL_CACHE_DIR: path.join(temp, 'zig-cache'),
  };
  return { name: 'zig c++', command, first: ['c++', '-target', `${cpu}-linux-gnu.2.28`], env };
}

/** The folder of node_api.h: beside Node, or else from the npm package node-api-headers. */
async function findHeaders(temp) {
  const beside = path.join(path.dirname(fs.realpathSync(process.execPath)), '..', 'include', 'node');
  const found = [beside, '/usr/include/node', '/usr/local/include/node'].find((d) =>
    fs.existsSync(path.join(d, 'node_api.h')),
  );
  if (found) return found;
  say('no Node headers here: fetching the npm package node-api-headers (40 kB)');
  const [npm, first] = npmCommand();
  const result = await run(npm, [...first, 'pack', '--silent', 'node-api-headers@1'], {
    cwd: temp,
    watch: patience('npm pack', 120),
  });
  const archive = fs.readdirSync(temp).find((name) => /^node-api-headers-.*\.tgz$/.test(name));
  if (!result.ok || !archive)
    throw new Failure(
      `there is no node_api.h here, and npm could not fetch node-api-headers:\n${lastLines(result.out, 3)}`,
    );
  const to = path.join(temp, 'node-api');
  fs.mkdirSync(to);
  const tar = zlib.gunzipSync(fs.readFileSync(path.join(temp, archive)));
  for (let p = 0; p + 512 <= tar.length && tar[p];) {
    const name = tar.toString('utf8', p, p + 100).replace(/\0.*$/s, '');
    const size = parseInt(tar.toString('ascii', p + 124, p + 136), 8) || 0;
    const header = /^package\/include\/([\w.]+\.h)$/.exec(name)?.[1];
    if (header) fs.writeFileSync(path.join(to, header), tar.subarray(p + 512, p + 512 + size));
    p += 512 + Math.ceil(size / 512) * 512;
  }
  return to;
}

/** Compiles the addon of the package at `packageFolder` against `stage`/deps into `stage`/lib. */
export async function compileAddon(packageFolder, stage, temp) {
  const compiler = await findCompiler(temp);
  const headers = await findHeaders(temp);
  say(`compiling the addon with ${compiler.name}`);
  const out = path.join(stage, 'lib', `napi-v${NAPI}`, 'tfjs_binding.node');
  fs.mkdirSync(path.dirname(out), { recursive: true });
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) =>
    path.join(stage, 'deps', 'lib', name),
  );
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) =>
    path.join(packageFolder, 'binding', name),
  );
  const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', '-s', '-w', `-DNAPI_VERSION=${NAPI}`];
  const paths = [
    `-I${headers}`,
    `-I${path.join(stage, 'deps', 'include')}`,
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ];
  const result = await run(
    compiler.command,
    [...compiler.first, ...flags, ...paths, ...sources, '-o', out, ...libraries],
    {
      env: compiler.env,
      watch: patience('compiler', 600),
    },
  );
  if (!result.ok)
    throw new Failure(
      `the addon did not compile (${result.reason || compiler.name}):\n${lastLines(result.out, 12)}`,
    );
}
