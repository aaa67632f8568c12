import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeLog } from '../../../src/cli/log.js';
import { withFacts } from '../../../src/telemetry/log.js';

function logged(logFormat: 'pretty' | 'json', logLevel: 'info' | 'warn', hasTime?: boolean): string[] {
  const lines: string[] = [];
  const log = withFacts(
    makeLog({
      ...{ style: { logFormat, logLevel }, role: 'coordinator', write: (line: string) => lines.push(line) },
      ...(hasTime === undefined ? {} : { hasTime }),
    }),
    { run: 'r1' },
  );
  log('begun');
  log('lost worker 3', { level: 'warn', worker: 3 });
  return lines;
}

test('for people: the time and the text', () => {
  const [first, ...rest] = logged('pretty', 'info');
  assert.match(first!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z begun\n$/);
  assert.equal(rest.length, 1);
  assert.deepEqual(logged('pretty', 'warn', false), ['lost worker 3\n']);
});

test('for programs: a line of JSON with level, time, process, run and worker', () => {
  const lines = logged('json', 'info').map((line) => JSON.parse(line) as Record<string, unknown>);
  const [begun, lost] = lines.map(({ time, ...facts }) => {
    assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    return facts;
  });
  const base = { role: 'coordinator', pid: process.pid, run: 'r1' };
  assert.deepEqual(begun, { ...base, level: 'info', msg: 'begun' });
  assert.deepEqual(lost, { ...base, level: 'warn', msg: 'lost worker 3', worker: 3 });
  assert.equal(logged('json', 'warn').length, 1);
});
