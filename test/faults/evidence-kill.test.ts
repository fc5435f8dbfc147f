import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {parseEvidenceFile} from '../../source/engine/evidence/parse-file.ts';
import {readIndex} from '../../source/engine/evidence/place.ts';
import {checkRecord} from '../../source/engine/session/record-check.ts';
import {findState} from '../../source/engine/storage/runbook/state-directory.ts';
import {hasSshKeygen, makeKey, sha256} from '../support/evidence-files.ts';
import {
  canMount,
  canTrace,
  changingCalls,
  errorWords,
  forEach,
  inNamespace,
  namesIn,
  pointsOf,
  sample,
  saySweep,
  sweepTime,
  traced,
} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {isTold} from '../support/restore-sweep.ts';
import {makeRestorable, summaryOf} from '../support/restores.ts';
import {magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const left = /^\.magds-(\d+)-\d{13}$/;

async function restored(): Promise<string> {
  const {root, restore} = makeRestorable();
  expect(await restore('--ticket=INC-1')).toMatchObject({code: 0});
  return root;
}

const evidenceOf = (root: string): string => `${root}/storage/runbook/evidence`;

/** All that lies there is whole, belongs to something, and is in order; what a kill left has its own name. */
function expectWhole(root: string): void {
  const directory = evidenceOf(root);
  const names = namesIn(directory);
  for (const name of names) {
    if (name === 'index.jsonl' || left.test(name)) continue;
    const file = name.replace(/\.(sha256|sig)$/, '');
    expect(names).toContain(file);
    const bytes = fs.readFileSync(path.join(directory, file));
    expect(parseEvidenceFile(bytes)).toHaveProperty('record');
    if (name.endsWith('.sha256'))
      expect(fs.readFileSync(path.join(directory, name), 'utf8')).toBe(`${sha256(bytes)}  ${file}\n`);
  }
  const state = findState(root);
  try {
    for (const {file, sha256: due} of readIndex(state))
      expect(sha256(fs.readFileSync(path.resolve(directory, file)))).toBe(due);
  } finally {
    state?.close();
  }
  expect(checkRecord(`${root}/storage/runbook/sessions/1`).broken).toBeNull();
}

/** The next export finds nothing in its way, and is accepted; what was left goes once it is old. */
async function expectNext(root: string): Promise<void> {
  const directory = evidenceOf(root);
  for (const name of namesIn(directory)) {
    const [, pid] = left.exec(name) ?? [];
    if (pid !== undefined) fs.renameSync(`${directory}/${name}`, `${directory}/.magds-${pid}-1700000000000`);
  }
  const next = await magds(['evidence', 'export', '--session=1', '--json', '--root', root]);
  expect(next).toMatchObject({code: 0, stderr: ''});
  const {beware, file} = summaryOf(next);
  expect(beware).toEqual([]);
  expect(await magds(['evidence', 'check', String(file)])).toMatchObject({code: 0, stderr: ''});
  expect(namesIn(directory).filter((name) => name.startsWith('.'))).toEqual([]);
  expectWhole(root);
  const shown = JSON.parse((await magds(['session', 'show', '1', '--json', '--root', root])).stdout) as {
    steps: {id: string; answer: {state: string} | null}[];
  };
  expect(shown.steps.find(({id}) => id === 'evidence')?.answer).toMatchObject({state: 'done'});
}

const args = (root: string, key: string | null): string[] => [
  'evidence',
  'export',
  '--session=1',
  ...(key === null ? [] : [`--sign=${key}`]),
  '--root',
  root,
];

const newKey = (): string | null => (hasSshKeygen ? makeKey(temporaryDirectory(), 'alice') : null);

describe.skipIf(!canTrace)('an export that is hit at a call that changes a file (needs strace)', () => {
  test('by kill -9: no half a file, nothing without its file, and the next one works', {
    timeout: sweepTime,
  }, async () => {
    const key = newKey();
    // Where a signature lies while it is looked at.
    const env = {TMPDIR: temporaryDirectory()};
    const baseline = await restored();
    const {code, calls} = await traced(args(baseline, key), {calls: changingCalls, own: true});
    expect(code).toBe(0);
    const all = pointsOf(calls);
    const violations: string[] = [];
    let hit = 0;
    await forEach(sample(all, 3), async ({call, nth}) => {
      const root = await restored();
      const inject = `${call}:signal=KILL:when=${nth}`;
      const {signal} = await traced(args(root, key), {calls: [call], own: true, inject, env});
      if (signal === 'SIGKILL') hit++;
      try {
        expectWhole(root);
        await expectNext(root);
      } catch (error) {
        violations.push(`${call} ${nth}: ${error instanceof Error ? error.message : error}`);
      }
      fs.rmSync(root, {recursive: true, force: true});
    });
    saySweep(`kill of an export: hit ${hit} of ${all.length} points, ${violations.length} violations`);
    expect(violations).toEqual([]);
    expect(hit).toBeGreaterThan(0);
  });

  test.each(['fsync:EIO', 'link:EDQUOT'])(
    'by %s: it is told in words, and nothing is left of it',
    {timeout: sweepTime},
    async (fault) => {
      const [call = '', error = ''] = fault.split(':');
      const root = await restored();
      const before = (await traced(args(root, null), {calls: [call], own: true})).calls;
      const place = /evidence\/|\.magds-/;
      const [point] = before.filter(({text}) => place.test(text));
      expect(point).toBeDefined();
      const other = await restored();
      const inject = `${call}:error=${error}:when=${point?.nth}`;
      const failed = await traced(args(other, null), {calls: [call], own: true, inject});
      isTold(failed.stderr);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(errorWords[error] as RegExp);
      expect(namesIn(evidenceOf(other))).toEqual([]);
      await expectNext(other);
    },
  );
});

test.skipIf(!canMount)('a file system without room for it: told, and nothing is left', async () => {
  const root = await restored();
  const small = temporaryDirectory();
  const after = 'at=$1; shift; "$@"; code=$?; ls -A "$at"; exit $code';
  const {code, stdout, stderr} = await inNamespace(
    'mount -t tmpfs -o size=8k none "$1"',
    [small],
    ['bash', '-c', after, 'bash', small, node, program, ...args(root, null), `--out=${small}/x.md`],
  );
  expect({code, stdout, stderr}).toEqual({
    code: 1,
    stdout: '',
    stderr: `magds: ${small}/x.md was not written: the disk is full.\n`,
  });
});
