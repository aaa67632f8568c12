/** The alerts are well-formed, and each has a unit test in which it fires. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { inProject, output, without } from './support/parts.js';

const RULES = 'deploy/helm/bitgibbs/files/rules.yml';
const TESTS = 'deploy/prometheus/rules.test.yml';
const skip = without('prometheus');

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}
interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly unknown[];
    }[];
  }[];
}
const read = (file: string): unknown => parse(readFileSync(inProject(file), 'utf8'));
const alerts = (read(RULES) as Rules).groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

test('promtool accepts the alerts and the configuration', { skip }, () => {
  assert.match(output('promtool', ['check', 'rules', RULES]), new RegExp(`${alerts.length} rules found`));
  output('promtool', ['check', 'config', 'deploy/prometheus/prometheus.yml']);
  output('promtool', ['check', 'config', '--syntax-only', 'deploy/compose/prometheus.yml']);
});

test('the unit tests of the alerts pass', { skip }, () => {
  output('promtool', ['test', 'rules', TESTS]);
});

test('each alert fires in a unit test, and is explained', () => {
  const fires = (read(TESTS) as RuleTests).tests
    .flatMap((tested) => tested.alert_rule_test ?? [])
    .filter(({ exp_alerts: expected }) => expected.length > 0)
    .map(({ alertname }) => alertname);
  assert.deepEqual([...new Set(fires)].sort(), [...alerts].sort());
  const operations = readFileSync(inProject('docs', 'operations.md'), 'utf8');
  assert.deepEqual(
    alerts.filter((alert) => !operations.includes(`\`${alert}\``)),
    [],
  );
});
