// One set-up at a time: a lock file that its owner touches every few seconds.
import fs from 'node:fs';
import os from 'node:os';
import { atExit, readJson, say } from './util.mjs';

const BEAT_MS = 2000;
const STALE_MS = 60_000;
const me = JSON.stringify({ pid: process.pid, host: os.hostname() });

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** True when the lock's owner is dead or has not touched it for a while. */
function abandoned(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat) return false;
  const age = Date.now() - stat.mtimeMs;
  const owner = readJson(file);
  if (!owner) return age > STALE_MS; // being written just now, or cut off
  return age > STALE_MS || (owner.host === os.hostname() && !alive(owner.pid));
}

function take(file) {
  try {
    fs.writeFileSync(file, me, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/** Removes an abandoned lock; only one process may do so at a time, so that none removes a fresh lock. */
function breakLock(file) {
  const breaker = `${file}.break`;
  if (take(breaker)) {
    try {
      if (abandoned(file)) fs.rmSync(file, { force: true });
    } finally {
      fs.rmSync(breaker, { force: true });
    }
  } else if (abandoned(breaker)) {
    fs.rmSync(breaker, { force: true });
  }
}

/** Runs fn while holding the lock; waits for another owner to finish. */
export async function withLock(file, fn) {
  for (let said = false; !take(file);) {
    if (abandoned(file)) {
      breakLock(file);
      continue;
    }
    if (!said)
      say(`another set-up of this folder is running (process ${readJson(file)?.pid}); waiting for it`);
    said = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const release = () => fs.rmSync(file, { force: true });
  const forget = atExit(release);
  const beat = setInterval(() => {
    const now = new Date();
    try {
      fs.utimesSync(file, now, now);
    } catch {
      // someone removed the lock by hand; the work goes on
    }
  }, BEAT_MS);
  try {
    return await fn();
  } finally {
    clearInterval(beat);
    forget();
    release();
  }
}
