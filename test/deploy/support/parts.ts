/** What these tests need beside Node, and where it is. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const parts = (process.env['BITGIBBS_TEST_PARTS'] ?? '').split(',');

/** Why a test is skipped, or false. */
export const without = (part: string): string | false => (parts.includes(part) ? false : `no ${part}`);

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** A path in the project. */
export const inProject = (...names: string[]): string => join(root, ...names);

/** A path in the folder of the tools that check the chart. */
export const chartTool = (...names: string[]): string =>
  join(process.env['BITGIBBS_TEST_CHART_TOOLS'] ?? '', ...names);

/** Standard output of a tool. @throws with all that it said when it fails */
export function output(tool: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(tool, args, {
    ...{ cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 },
    ...(input === undefined ? {} : { input }),
  });
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')} failed: ${error ?? ''}${stderr}${stdout}`);
  return stdout;
}

/** What a YAML text of several documents holds; empty ones are left out. */
export function documentsOf<Document>(text: string): Document[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Document | null)
    .filter((document) => document !== null);
}
