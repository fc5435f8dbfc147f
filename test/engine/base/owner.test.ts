import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {openOurs} from '../../../source/engine/base/owner.ts';
import {addToIndex} from '../../../source/engine/evidence/place.ts';
import {keepVerdicts, verdictsName} from '../../../source/engine/storage/content-verdicts.ts';
import {openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {appendRecord, type FullRecord, recordName} from '../../../source/engine/storage/verifications.ts';
import {makeRoot} from '../../support/backups.ts';
import {makePipe, temporaryDirectory} from '../../support/temporary.ts';

const isRoot = process.getuid?.() === 0;

/** What may lie in the place of a file of ours, and what is said of it. */
const others: [string, (file: string) => void][] = [
  ['it is a pipe (FIFO), not a file', makePipe],
  ['it is a link, not a file', (file) => fs.symlinkSync('precious', file)],
  ['it is a directory, not a file', (file) => fs.mkdirSync(file)],
  ['it has another name', (file) => fs.linkSync(path.join(path.dirname(file), 'precious'), file)],
  ...(isRoot
    ? ([
        [
          'it belongs to uid 1234, not to you or',
          (file) => {
            fs.writeFileSync(file, 'his');
            fs.chownSync(file, 1234, 1234);
          },
        ],
      ] as [string, (file: string) => void][])
    : []),
];

const finding = {kind: 'json', state: 'sound', check: 'parse', detail: null} as const;

/** Who writes a file in a directory that somebody else may write to. */
const writers = ((): [string, (root: string) => {file: string; write: () => void}][] => [
  [
    'the record of verifications',
    (root) => {
      const directory = `${root}/storage/backups`;
      return {
        file: `${directory}/${recordName}`,
        write: () => appendRecord(directory, {at: '1'} as FullRecord),
      };
    },
  ],
  [
    'what checks found',
    (root) => {
      openState(root).close();
      return {
        file: `${root}/storage/runbook/${verdictsName}`,
        write: () =>
          keepVerdicts(root, [{content: 'sha256 1', asked: 'any', finding}] as Parameters<
            typeof keepVerdicts
          >[1]),
      };
    },
  ],
  [
    'the list of evidence',
    (root) => {
      const state = openState(root);
      state.make('evidence').close();
      const entry = {at: '', file: 'a.md', sha256: '', record: '', kind: '', session: null};
      return {file: `${root}/storage/runbook/evidence/index.jsonl`, write: () => addToIndex(state, entry)};
    },
  ],
])();

test.each(writers)('%s is written to nothing that was put in its place', (_, place) => {
  for (const [why, put] of others) {
    const {root} = makeRoot();
    const {file, write} = place(root);
    const precious = path.join(path.dirname(file), 'precious');
    fs.writeFileSync(precious, 'stays');
    put(file);
    expect(write).toThrow(`${why}`);
    expect(write).toThrow('move it away');
    expect(fs.readFileSync(precious, 'utf8')).toBe('stays');
  }
});

test('a file of ours is opened, and one that is not there made', () => {
  const directory = temporaryDirectory();
  const flags = fs.constants.O_RDWR | fs.constants.O_CREAT;
  for (let times = 0; times < 2; times++)
    fs.closeSync(openOurs(`${directory}/file`, flags, fs.statSync(directory)));
  expect(fs.statSync(`${directory}/file`).mode & 0o777).toBe(0o600);
});
