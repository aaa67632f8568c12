// Python environments with the packages of a requirements file.
import fs from 'node:fs';
import path from 'node:path';
import { findPython, pipEnv, pipOptions } from './python.mjs';
import { Failure, hashFiles, lastLines, patience, run, writeFile } from './util.mjs';

const stampIn = (folder) => path.join(folder, 'bitgibbs.stamp');

export const venvPythonIn = (folder) =>
  path.join(folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));

/** Whether the environment is there, with what the requirements say now. */
export const venvReady = (folder, requirements) =>
  fs.existsSync(stampIn(folder)) && fs.readFileSync(stampIn(folder), 'utf8') === hashFiles([requirements]);

/** Makes the environment anew. */
export async function makeVenv(folder, requirements) {
  const python = findPython();
  if (!python)
    throw new Failure('no Python 3 was found (Debian, Ubuntu: apt-get install python3-venv; or set PYTHON)');
  fs.rmSync(folder, { recursive: true, force: true });
  const made = await run(python, ['-m', 'venv', folder], { watch: patience('venv', 300) });
  if (!made.ok)
    throw new Failure(
      `python -m venv did not work (Debian, Ubuntu: apt-get install python3-venv):\n${lastLines(made.out, 3)}`,
    );
  const args = ['-m', 'pip', 'install', '--only-binary=:all:', ...pipOptions, '-r', requirements];
  const filled = await run(venvPythonIn(folder), args, {
    env: pipEnv,
    watch: patience('pip install', 1200),
  });
  if (!filled.ok)
    throw new Failure(`pip could not install ${path.basename(requirements)}:\n${lastLines(filled.out, 4)}`);
  writeFile(stampIn(folder), hashFiles([requirements]));
}
