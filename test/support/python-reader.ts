/** Reading runs with Python. Tests that need it are left out with one line where the packages are absent. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../../test/support/python/read_runs.py', import.meta.url));
const python = process.env['BITGIBBS_TEST_PYTHON'] ?? '';
const present = (process.env['BITGIBBS_TEST_PARTS'] ?? '').split(',').includes('python-venv');
const why =
  'left out: python-venv (no Python environment with zarr, xarray and arviz: npm run setup -- --extras)';
if (!present) console.log(why);

/** Why tests that need Python are left out, where they are. */
export const withoutPython = present ? false : why;

/** What read_runs.py looks at: a quick look, one group or array alone, everything, or the warm-up. */
export type Question = 'look' | 'alone' | 'everything' | 'warmup';

export interface PythonReader {
  /** @throws Error when Python could not read the run, with what it said */
  ask<Answer>(question: Question, folder: string): Promise<Answer>;
}

async function withReader(work: (reader: PythonReader) => Promise<void>): Promise<void> {
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async <Answer>(question: Question, folder: string): Promise<Answer> => {
    child.stdin.write(`${question} ${folder}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('Python has ended');
    const answer = JSON.parse(value) as Answer & { error?: string };
    if (answer.error !== undefined) throw new Error(`Python: ${answer.error}`);
    return answer;
  };
  try {
    await work({ ask });
  } finally {
    child.stdin.end();
  }
}

/** A test that is given a Python process which reads runs. */
export function testWithPython(name: string, body: (reader: PythonReader) => Promise<void>): void {
  test(name, present ? {} : { skip: why }, () => withReader(body));
}
