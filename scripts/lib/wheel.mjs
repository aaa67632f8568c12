// TensorFlow's C library out of its Python wheel: pip fetches it (any Python will do), and of its 187 MB only the two
// shared libraries and the C headers are unpacked.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { findPip, pipEnv, pipOptions } from './python.mjs';
import { Failure, lastLines, patience, run, say } from './util.mjs';

// 2.13.1 is the smallest wheel with libtensorflow_cc.so.2; before 2.12 no wheel has it.
const VERSIONS = ['2.13.1', '2.14.1', '2.15.1'];
const WHEELS = {
  'linux-x64': { name: 'tensorflow-cpu', platforms: ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'] },
  // Not tested on such a machine.
  'linux-arm64': {
    name: 'tensorflow-cpu-aws',
    platforms: ['manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
  },
};
const OFFLINE = /ConnectionError|NewConnectionError|Temporary failure|Network is unreachable|ConnectTimeout/;

/** True where a wheel with a usable library exists: Linux with glibc on x64 and arm64. */
export function hasWheel() {
  if (!WHEELS[`${process.platform}-${process.arch}`]) return false;
  process.report.excludeNetwork = true;
  return Boolean(process.report.getReport().header.glibcVersionRuntime);
}

/** Downloads the wheel into a folder; returns its path. */
export async function downloadWheel(folder) {
  const pip = findPip();
  if (!pip)
    throw new Failure(
      'no Python with pip was found (Debian, Ubuntu: apt-get install python3-pip; or set PYTHON)',
    );
  const { name, platforms } = WHEELS[`${process.platform}-${process.arch}`];
  let why = '';
  for (const version of VERSIONS) {
    say(`downloading the Python wheel ${name} ${version} with pip (about 190 MB)`);
    const [command, first] = pip;
    const target = [
      '--implementation',
      'cp',
      '--python-version',
      '3.11',
      ...platforms.flatMap((p) => ['--platform', p]),
    ];
    const options = ['--no-deps', '--only-binary=:all:', ...pipOptions, ...target, '-d', folder];
    const result = await run(command, [...first, 'download', ...options, `${name}==${version}`], {
      env: pipEnv,
      watch: patience('pip download', 1800),
    });
    const file = fs.readdirSync(folder).find((entry) => entry.endsWith('.whl'));
    if (result.ok && file) return path.join(folder, file);
    why ||= `pip could not download ${name} ${version}${result.reason ? ` (${result.reason})` : ''}:\n${lastLines(result.out, 3)}`;
    if (result.reason || OFFLINE.test(result.out)) break;
  }
  throw new Failure(why);
}

/** The entries of a zip file, read from its central directory. */
function zipEntries(fd, size) {
  const tail = Buffer.alloc(Math.min(size, 65_557));
  fs.readSync(fd, tail, 0, tail.length, size - tail.length);
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== 0x06054b50) end--;
  const count = end < 0 ? 0xffff : tail.readUInt16LE(end + 10);
  const at = end < 0 ? 0 : tail.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff)
    throw new Failure('the wheel is not a plain zip file (broken download?)');
  const directory = Buffer.alloc(tail.readUInt32LE(end + 12));
  fs.readSync(fd, directory, 0, directory.length, at);
  const entries = [];
  for (let p = 0; entries.length < count;) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) => directory.readUInt16LE(p + o));
    entries.push({
      stored: directory.readUInt16LE(p + 10) === 0,
      packed: directory.readUInt32LE(p + 20),
      size: directory.readUInt32LE(p + 24),
      at: directory.readUInt32LE(p + 42),
      name: directory.toString('utf8', p + 46, p + 46 + nameLength),
    });
    p += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

/** Streams one entry into a sink; returns the SHA-256 of its content, written as wheels write it. */
async function extract(wheel, fd, entry, sink) {
  const header = Buffer.alloc(30);
  fs.readSync(fd, header, 0, 30, entry.at);
  const start = entry.at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const hash = createHash('sha256');
  const tap = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const packed = fs.createReadStream(wheel, { start, end: start + entry.packed - 1, highWaterMark: 1 << 20 });
  const inflate = entry.stored ? [] : [zlib.createInflateRaw({ chunkSize: 1 << 20 })];
  await pipeline([packed, ...inflate, tap, sink]);
  return hash.digest('base64url');
}

/** The checksums that the wheel records of its own files, by name. */
async function recordedSums(wheel, fd, entries) {
  const record = entries.find((entry) => /^[^/]+\.dist-info\/RECORD$/.test(entry.name));
  if (!record) throw new Failure('the wheel has no RECORD of its files');
  const parts = [];
  const collect = new Transform({
    transform: (chunk, _encoding, done) => done(null, void parts.push(chunk)),
  });
  await extract(wheel, fd, record, collect);
  const lines = Buffer.concat(parts).toString().split('\n');
  return new Map(
    lines
      .map((line) => /^(.*),sha256=([\w-]+),/.exec(line))
      .filter(Boolean)
      .map((m) => [m[1], m[2]]),
  );
}

/** Where a file of the wheel goes, or null if it is not needed. */
function destination(name) {
  if (/^tensorflow\/libtensorflow(_cc|_framework)\.so\.2$/.test(name))
    return path.join('lib', path.basename(name));
  const header = /^tensorflow\/(include\/.*\.h)$/.exec(name)?.[1];
  const needed = header && (/(^|\/)(tensorflow|tsl)\/c\//.test(header) || /ctstring[^/]*\.h$/.test(header));
  return needed && !header.split('/').includes('..') ? header : null;
}

/** Unpacks libraries and headers to `to`/lib and `to`/include, checking each against the wheel's record. */
export async function unpackWheel(wheel, to) {
  const fd = fs.openSync(wheel, 'r');
  try {
    const entries = zipEntries(fd, fs.fstatSync(fd).size);
    const sums = await recordedSums(wheel, fd, entries);
    for (const entry of entries) {
      const relative = destination(entry.name);
      if (!relative || entry.size === 0) continue;
      const file = path.join(to, relative);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      const sum = await extract(wheel, fd, entry, fs.createWriteStream(file));
      if (sums.get(entry.name) !== sum)
        throw new Failure(`checksum of ${entry.name} in the wheel is wrong (broken download?)`);
    }
  } finally {
    fs.closeSync(fd);
  }
  if (!fs.existsSync(path.join(to, 'lib', 'libtensorflow_cc.so.2')))
    throw new Failure('the wheel holds no libtensorflow_cc.so.2');
}
