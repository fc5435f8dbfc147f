import fs from 'node:fs';
import {expect, test} from 'vitest';
import * as z from 'zod/mini';
import {metricsIn, metricsThatExist, printed, whyNot} from '../support/ops.ts';
import {execute} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const source = z.object({
  type: z.literal('prometheus'),
  uid: z.string().check(z.regex(/^\$\{datasource\}$/)),
});
const place = z.object({x: z.int(), y: z.int(), w: z.int(), h: z.int()});
const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.int(),
  templating: z.object({list: z.array(z.looseObject({name: z.string(), type: z.string()}))}),
  panels: z.array(
    z.looseObject({
      id: z.int(),
      title: z.string(),
      description: z.string(),
      datasource: source,
      gridPos: place,
      targets: z.array(z.looseObject({refId: z.string(), expr: z.string(), datasource: source})),
    }),
  ),
});

const {panels, templating} = dashboardSchema.parse(
  JSON.parse(fs.readFileSync('source/ops/magds-dashboard.json', 'utf8')),
);
const expressions = panels.flatMap(({targets}) => targets.map(({expr}) => expr));
const why = whyNot('promtool');

test('it is printed as it is, and asks which Prometheus it is about', async () => {
  expect(dashboardSchema.parse(JSON.parse(await printed('magds-dashboard.json', '/'))).panels).toEqual(
    panels,
  );
  expect(templating.list.map(({name, type}) => [name, type])).toEqual([
    ['datasource', 'datasource'],
    ['instance', 'query'],
    ['root', 'query'],
  ]);
});

test('its panels have numbers of their own, and none covers another', () => {
  expect(new Set(panels.map(({id}) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({gridPos: {x, y, w, h}}) =>
    Array.from({length: w * h}, (_, index) => `${x + (index % w)}:${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const {gridPos} of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
});

test.skipIf(why !== null)(
  `promtool takes each expression${why === null ? '' : ` (skipped: ${why})`}`,
  async () => {
    expect(expressions.length).toBeGreaterThan(10);
    const file = `${temporaryDirectory()}/expressions.yml`;
    const rules = expressions.map((expr, index) => ({record: `panel:${index}`, expr}));
    // JSON is YAML.
    fs.writeFileSync(file, JSON.stringify({groups: [{name: 'dashboard', rules}]}));
    expect(await execute('promtool', ['check', 'rules', file])).toMatchObject({code: 0, stderr: ''});
  },
);

test('it asks for metrics that there are, of roots of ours', async () => {
  const asked = metricsIn([...expressions, JSON.stringify(templating)].join(' '));
  const there = [...(await metricsThatExist()), 'ALERTS'];
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((name) => !there.includes(name))).toEqual([]);
  for (const expression of expressions) {
    const selectors = expression.match(/\b(magdb_\w+|ALERTS)\b(\{[^}]*\})?/g) ?? [];
    expect(selectors).not.toEqual([]);
    for (const selector of selectors)
      expect(selector).toMatch(/(tool="magds"|alertname=~"Magds).*instance=~"\$instance.*root=~"\$root/);
  }
});
