import fs from 'node:fs';
import {expect, test} from 'vitest';
import {openWriter} from '../../../source/engine/retention/writer.ts';
import {keepVerdicts, readVerdicts, statePath} from '../../../source/engine/storage/content-verdicts.ts';
import {openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeRoot} from '../../support/backups.ts';

const found = (content: string) => ({
  content,
  asked: 'json' as const,
  finding: {dataset: 'a', kind: 'json', state: 'broken', check: 'parse', detail: content} as const,
});

test('what was found before there was a state directory is kept by the first writer, once', () => {
  const {root} = makeRoot();
  const kept = () => [...readVerdicts(statePath(root)).values()].map(({detail}) => detail);
  keepVerdicts(root, [found('sha256:1')]);
  keepVerdicts(root, [found('sha256:2')]);
  expect(fs.existsSync(`${root}/storage/runbook`)).toBe(false);
  openState(root).close();
  expect(kept()).toEqual(['sha256:1', 'sha256:2']);
  fs.rmSync(`${root}/storage/runbook/content.jsonl`);
  openState(root).close();
  expect(kept()).toEqual([]);
});

test('that it cannot be kept holds no writer up, and the next one keeps it', () => {
  const {root} = makeRoot();
  keepVerdicts(root, [found('sha256:1')]);
  const file = `${root}/storage/runbook/content.jsonl`;
  fs.mkdirSync(file, {recursive: true});
  openState(root).close();
  fs.rmdirSync(file);
  openState(root).close();
  expect(readVerdicts(statePath(root)).size).toBe(1);
});

test('a writer cuts what was found to what still counts, and works where it cannot', () => {
  const {root, backups} = makeRoot();
  openState(root).close();
  const file = `${root}/storage/runbook/content.jsonl`;
  const [line] = [keepVerdicts(root, [found('sha256:1')]), fs.readFileSync(file, 'utf8')].slice(1) as [
    string,
  ];
  const grown = line.repeat(Math.ceil((2 * 1024 * 1024) / line.length) + 1);
  const open = () =>
    openWriter({root, backups, configuration: {metrics: {value: null}} as never, doing: 'x'}).close();
  fs.writeFileSync(file, grown);
  fs.linkSync(file, `${file}.other`);
  open();
  expect(fs.statSync(file).size).toBe(grown.length);
  fs.rmSync(`${file}.other`);
  open();
  expect(fs.readFileSync(file, 'utf8')).toBe(line);
});
