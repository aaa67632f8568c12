// The frame of every script: Node's version, interrupts, and failures as plain messages.
import { pathToFileURL } from 'node:url';
import { Failure, guardProcess, inRoot, unguardProcess } from './util.mjs';

const NEEDED = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return;
  throw new Failure(
    `Node ${NEEDED.join('.')} or newer is needed; this is Node ${process.versions.node} (${process.execPath}). ` +
      'Install a newer one, for example Node 22 or 24.',
  );
}

/** Runs a script's work; a Failure is printed as it is and sets the exit code. */
export async function main(work) {
  try {
    checkNode();
    guardProcess();
    await work();
  } catch (error) {
    process.stderr.write(`\n${error instanceof Failure ? `FAILED: ${error.message}` : error.stack}\n`);
    process.exit(1);
  }
}

/** Goes on as another program of this project, in this process: signals and the exit code are then its own. */
export async function becomeProgram(file, args) {
  unguardProcess();
  process.argv = [process.execPath, inRoot(file), ...args];
  await import(pathToFileURL(inRoot(file)).href);
}
