import fs from 'node:fs';
import {expect, test} from 'vitest';
import {metricsIn, metricsThatExist, printed, whyNot} from '../support/ops.ts';
import {execute} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const rules = 'source/ops/magds.rules.yml';
const text = fs.readFileSync(rules, 'utf8');
const why = whyNot('promtool');
const tools = why === null ? '' : ` (skipped: ${why})`;

test.skipIf(why !== null)(`promtool takes the rules as they are printed${tools}`, async () => {
  const file = `${temporaryDirectory()}/magds.rules.yml`;
  fs.writeFileSync(file, await printed('magds.rules.yml', '/'));
  expect(await execute('promtool', ['check', 'rules', file])).toMatchObject({code: 0, stderr: ''});
});

test.skipIf(why !== null)(`each alert fires when it should, and says what to do${tools}`, async () => {
  const files = ['magds.rules.test.yml', 'magds.rules.quarter.test.yml'].map(
    (name) => `${import.meta.dirname}/${name}`,
  );
  const {code, stdout, stderr} = await execute('promtool', ['test', 'rules', ...files]);
  expect({code, stderr}, stdout).toEqual({code: 0, stderr: ''});
  const tested = files.map((file) => fs.readFileSync(file, 'utf8')).join('\n');
  for (const [, alert] of text.matchAll(/alert: (\w+)/g))
    expect(tested).toMatch(new RegExp(`alertname: ${alert}\\n +exp_alerts:`));
});

test('each alert has a severity, a summary and a description with a command', () => {
  const alerts = text.split('- alert: ').slice(1);
  expect(alerts.length).toBeGreaterThan(7);
  for (const alert of alerts) {
    expect(alert).toMatch(/severity: (critical|warning)\n/);
    expect(alert).toMatch(/summary: ".+"\n/);
    expect(alert).toMatch(/description: >-\n[\s\S]*"(magds|journalctl|systemctl) /);
  }
});

test('they ask for metrics that there are', async () => {
  const asked = metricsIn(text.replace(/^ *#.*$/gm, '').replaceAll('magds_backup.prom', ''));
  expect(asked.length).toBeGreaterThan(7);
  const there = await metricsThatExist();
  expect(asked.filter((name) => !there.includes(name))).toEqual([]);
});
