import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Option } from 'commander';
import { tidyEnvironment, variableOf, withoutFlags } from '../../../src/cli/flags/environment.js';
import { makeProgram } from '../../../src/cli/program.js';

test('a flag is a variable in capitals', () => {
  assert.equal(variableOf(new Option('--metrics-port <port>')), 'BITGIBBS_METRICS_PORT');
});

test('empty variables and switches that say no are taken out', () => {
  const options = [
    new Option('--force').env('BITGIBBS_FORCE'),
    new Option('--out <dir>').env('BITGIBBS_OUT'),
  ];
  const tidied = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
    tidyEnvironment(env, options);
    return env;
  };
  assert.deepEqual(tidied({ BITGIBBS_FORCE: 'False', BITGIBBS_OUT: '', HOME: '' }), { HOME: '' });
  assert.deepEqual(tidied({ BITGIBBS_FORCE: '1', BITGIBBS_OUT: '0' }), {
    BITGIBBS_FORCE: '1',
    BITGIBBS_OUT: '0',
  });
});

test('a child gets no flags by variables', () => {
  const env = { BITGIBBS_METRICS_PORT: '9', BITGIBBS_NO_TFJS: '1', HOME: '/h' };
  assert.deepEqual(withoutFlags(env), { BITGIBBS_NO_TFJS: '1', HOME: '/h' });
});

test('every flag of every command can be given as a variable of its own', () => {
  const shown = makeProgram({}).commands.map((command) => ({
    name: command.name(),
    options: command.options.filter((option) => !option.hidden),
  }));
  assert.ok(shown.some(({ name }) => name === 'run'));
  for (const { name, options } of shown) {
    for (const option of options) assert.equal(option.envVar, variableOf(option), `${name} ${option.long}`);
    assert.equal(new Set(options.map((option) => option.envVar)).size, options.length);
  }
});
