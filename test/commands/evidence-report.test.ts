import fs from 'node:fs';
import {expect, test} from 'vitest';
import type {EvidenceRecord} from '../../source/engine/evidence/schema.ts';
import {goodRecord, goodSession, writeEvidence} from '../support/evidence-files.ts';
import {goldenRecords} from '../support/evidence-records.ts';
import {magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

/** Files of drills on three servers; the list has a fourth. */
function makeFleet() {
  const directory = temporaryDirectory();
  const {session} = goldenRecords['drill'] as EvidenceRecord;
  const drill = (id: string, change: object = {}) => {
    const good = goodRecord();
    const {lines, record_sha256} = goodSession();
    writeEvidence(
      {
        ...good,
        asset: {...good.asset, id},
        purpose: 'drill',
        session: goodSession({...session, lines, record_sha256, ...change}),
      },
      `${id}.md`,
      directory,
    );
  };
  drill('db-01');
  drill('db-02', {state: 'rolled-back', reason: 'the disk is full'});
  drill('db-03');
  fs.writeFileSync(`${directory}/list`, 'db-01\ndb-02\ndb-03\ndb-04\n');
  const report = (...args: string[]) =>
    magds(['evidence', 'report', 'db-01.md', 'db-02.md', 'db-03.md', ...args], {cwd: directory});
  return {directory, report};
}

test('passed, failed and missing drills of a list; anything missing is not 0', async () => {
  const {directory, report} = makeFleet();
  const {code, stdout, stderr} = await report('--population=list', '--period=2026Q4');
  expect({code, stderr}).toEqual({code: 3, stderr: ''});
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('Drills in 2026Q4 (UTC)');
  expect(lines[2]).toMatch(/^STATE +PASSED +FAILED +LAST +RTO +RPO +ASSET$/);
  expect(lines[3]).toMatch(/^passed +1 +0 +2026-11-23 .* db-01$/);
  expect(lines[4]).toMatch(/^failed +0 +1 +2026-11-23 .* db-02$/);
  expect(lines[6]).toMatch(/^missing +0 +0 +- .* db-04$/);
  expect(lines).toContain('x Coverage: 2 of 4 assets with a drill that passed (50 %).');
  expect(lines).toContain('x missing: db-04: no drill in 2026Q4');
  expect(lines).toContain('x failed: db-02: the disk is full (db-02.md)');
  expect(lines.at(-1)).toBe(
    '! 3 of the files unsigned: they show corruption only; --allowed-signers=FILE leaves them out',
  );
  fs.writeFileSync(`${directory}/list`, 'db-01\ndb-03\n');
  const covered = await report('--population=list', '--period=2026-11');
  expect(covered.code).toBe(0);
  expect(covered.stdout).toMatch(/^\+ Coverage: 2 of 2 assets with a drill that passed \(100 %\)\.$/m);
  expect(covered.stdout).toMatch(/^! not in the list: db-02 \(db-02\.md\)$/m);
  expect((await report('--population=list', '--period=2026Q3')).code).toBe(3);
});

test('a file that does not check is named and not counted', async () => {
  const {directory, report} = makeFleet();
  fs.appendFileSync(`${directory}/db-01.md`, 'x\n');
  const {code, stdout} = await report('--population=list', '--period=2026Q4');
  expect(code).toBe(4);
  expect(stdout).toMatch(
    /^x not counted, fails its checks: db-01\.md: digest: the file or db-01\.md\.sha256 was changed/m,
  );
  expect(stdout).toMatch(/^x missing: db-01: no drill in 2026Q4$/m);
  const json = JSON.parse((await report('--population=list', '--period=2026Q4', '--json')).stdout);
  expect(json).toMatchObject({command: 'evidence:report', population: 4, covered: 1, coverage: 0.25});
  expect(json.failed).toMatchObject([{file: 'db-01.md'}]);
});

test('a document and a spreadsheet leave out nothing that the text says of the files', async () => {
  const {directory, report} = makeFleet();
  fs.writeFileSync(`${directory}/list`, 'db-01\n');
  fs.appendFileSync(`${directory}/db-03.md`, 'x\n');
  const given = ['--population=list', '--period=2026Q4'];
  const notices = (text: string) => text.split('\n').filter((line) => /^[-x!] (not|\d)/.test(line));
  const said = notices((await report(...given)).stdout);
  expect(said.map((line) => line.slice(0, 17))).toEqual([
    'x not counted, fa',
    '! not in the list',
    '! 2 of the files ',
  ]);
  expect(notices((await report(...given, '--csv')).stderr)).toEqual(said);
  const markdown = (await report(...given, '--markdown')).stdout.replaceAll(/\s+/g, ' ');
  for (const line of said) expect(markdown).toContain(`- \`${line}\``);
});

test.each([
  [['--population=list', '--period=2026Q4', '--csv', '--markdown'], 2, /--csv and --markdown: give one/],
  [['--period=2026Q4'], 2, /Which assets have to be drilled\?/],
  [['--population=list'], 2, /For which period\?/],
  [['--population=list', '--period=soon'], 2, /--period soon is not one/],
  [['--population=none', '--period=2026'], 10, /--population none: there is no such file/],
  [['--population=empty', '--period=2026'], 2, /names no asset: nothing would be reported/],
])('%j is refused', async (args, code, stderr) => {
  const {directory, report} = makeFleet();
  fs.writeFileSync(`${directory}/empty`, '# none\n');
  const outcome = await report(...args);
  expect(outcome).toMatchObject({code, stdout: ''});
  expect(outcome.stderr).toMatch(stderr);
});
