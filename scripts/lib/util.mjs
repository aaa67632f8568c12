// Small helpers of the scripts. Nothing here (or in any file of this folder) needs an installed package.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
export const inRoot = (...parts) => path.join(root, ...parts);

/** An error whose message is all that the user needs to see. */
export class Failure extends Error {}

let stream = process.stdout;
/** Sends progress lines to stderr from now on, so that stdout carries the result alone. */
export const progressToStderr = () => (stream = process.stderr);

/** Prints one progress line; the figure is the seconds since the start. */
export const say = (text) =>
  stream.write(`[setup ${(performance.now() / 1000).toFixed(1).padStart(5)} s] ${text}\n`);

/** True on a CI machine, where every part must be present. */
export const isCI = !['', '0', 'false'].includes(process.env.CI ?? '');

const children = new Set();
const cleanups = new Set();
/** Calls fn when the process ends or is interrupted; returns a function that takes fn off again. */
export function atExit(fn) {
  cleanups.add(fn);
  return () => cleanups.delete(fn);
}
function end(child, signal = 'SIGKILL') {
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // it is gone already
  }
}
function cleanUp() {
  for (const child of children) end(child);
  for (const fn of cleanups) fn();
  cleanups.clear();
}
const onSignal = (signal) => {
  cleanUp();
  process.exit(signal === 'SIGINT' ? 130 : 143);
};

/** Ends children and removes temporary files when this process is interrupted or ends. */
export function guardProcess() {
  process.on('exit', cleanUp);
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
/** Leaves signals to whatever runs next in this process. */
export function unguardProcess() {
  process.off('exit', cleanUp);
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
}

/**
 * Runs a command in a process group of its own. `watch(seconds)` is called each second; a string it returns ends the
 * group and becomes `reason`. The promise never rejects.
 */
export function run(cmd, args, { cwd = root, env, watch, show = false } = {}) {
  return new Promise((resolve) => {
    const start = performance.now();
    const io = show ? 'inherit' : 'pipe';
    const child = spawn(cmd, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: process.platform !== 'win32',
      stdio: ['ignore', io, io],
    });
    children.add(child);
    let out = '';
    let reason = '';
    const take = (bytes) => (out = (out + bytes).slice(-20_000));
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    const timer = setInterval(() => {
      if (reason) return;
      reason = watch?.((performance.now() - start) / 1000) || '';
      if (!reason) return;
      end(child, 'SIGTERM');
      setTimeout(() => end(child), 3000).unref();
    }, 1000);
    const done = (code) => {
      clearInterval(timer);
      children.delete(child);
      resolve({ ok: code === 0 && !reason, code, out, reason });
    };
    child.on('error', (error) => {
      out += error.message;
      done(127);
    });
    child.on('close', (code, signal) => done(code ?? signal));
  });
}

/** A watch function: says every 10 s that `what` goes on, and gives up after `limit` seconds. */
export function patience(what, limit) {
  let said = 0;
  return (seconds) => {
    if (seconds - said >= 10) {
      said = seconds;
      say(`  ${what}: ${seconds.toFixed(0)} s`);
    }
    return seconds > limit ? `not done after ${limit} s` : '';
  };
}

/** Runs a command that has to work, for at most `limit` seconds; the end of its output. @throws Failure */
export async function must(cmd, args, { limit = 300, ...options } = {}) {
  const done = await run(cmd, args, { watch: patience(path.basename(cmd), limit), ...options });
  if (!done.ok) throw new Failure(`${cmd} ${args[0]} did not work:\n${lastLines(done.out, 4)}`);
  return done.out;
}

/** The path of a command, or null. */
export function which(name) {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`, name] : [name];
  const folders = name.includes(path.sep) ? [''] : (process.env.PATH ?? '').split(path.delimiter);
  for (const folder of folders) {
    for (const file of names) {
      const full = path.join(folder, file);
      try {
        if (!fs.statSync(full).isFile()) continue;
        fs.accessSync(full, fs.constants.X_OK);
        return full;
      } catch {
        // try the next one
      }
    }
  }
  return null;
}

/** The last lines of a command's output, indented, for an error message. */
export const lastLines = (text, n = 6) =>
  text
    .trim()
    .split('\n')
    .filter((line) => line.trim())
    .slice(-n)
    .map((line) => `    ${line}`)
    .join('\n');

/** All files under a file or folder that `keep(path)` accepts, sorted; none where it does not exist. */
export function filesUnder(at, keep = () => true) {
  const found = [];
  const visit = (p) => {
    const stat = fs.statSync(p, { throwIfNoEntry: false });
    if (stat?.isDirectory()) for (const name of fs.readdirSync(p).sort()) visit(path.join(p, name));
    else if (stat && keep(p)) found.push(p);
  };
  visit(at);
  return found;
}

/** SHA-256 over the names and contents of files. */
export function hashFiles(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = fs.readFileSync(file);
    hash.update(`${path.relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

export function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Writes a file in one step: readers see the old content or the new one. */
export function writeFile(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temp = `${file}.${process.pid}`;
  fs.writeFileSync(temp, content);
  fs.renameSync(temp, file);
}
