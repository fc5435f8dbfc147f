import fs from 'node:fs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {followSession, type RestoreEvent} from '../../../source/engine/restore/follow.ts';
import {JournalFile} from '../../../source/engine/session/journal.ts';
import {readProgress} from '../../../source/engine/session/progress.ts';
import {SessionRecord} from '../../../source/engine/session/record.ts';
import {makeSession} from '../../../source/engine/session/sessions.ts';
import {openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeRoot} from '../../support/backups.ts';
import {aJournal} from '../../support/journals.ts';
import {writeAny} from '../../support/write-any.ts';

/** A session of a root, whose process is gone once `gone` is set. */
function makeFollowed() {
  const {root} = makeRoot();
  const state = openState(root);
  const {number, directory} = makeSession(state);
  state.close();
  let gone = false;
  const record = new SessionRecord(directory.path, 'anna');
  const follow = async (): Promise<RestoreEvent[]> => {
    const events: RestoreEvent[] = [];
    for await (const event of followSession(directory, number, () => gone, new AbortController().signal))
      events.push(event);
    return events;
  };
  return {root, number, directory, record, follow, end: () => (gone = true)};
}

const done = {outcome: 'done', exit: 0, reason: null, beware: [], commands: []};

test('ends with what the last line of its record says', async () => {
  const {record, follow} = makeFollowed();
  writeAny(record, 'opened');
  writeAny(record, 'finished', {...done, beware: ['kept: x'], seconds: 3});
  expect(await follow()).toEqual([
    {type: 'record', line: expect.objectContaining({type: 'opened'})},
    {type: 'finished', finished: {...done, beware: ['kept: x']}},
  ]);
});

test.each<[string, object]>([
  ['an outcome that there is not', {...done, outcome: 'sold'}],
  ['a code that there is not', {...done, exit: 77}],
  ['no commands', {...done, commands: undefined}],
  ['notes that are no text', {...done, beware: [{toString: null}]}],
  ['a reason that is no text', {...done, reason: 5}],
])('an end with %s is none: the journal says how it ended', async (_, data) => {
  const {record, follow, end} = makeFollowed();
  writeAny(record, 'finished', {...data});
  end();
  expect(await follow()).toMatchObject([
    {type: 'record', line: {type: 'finished'}},
    {
      type: 'finished',
      finished: {outcome: 'refused', reason: expect.stringMatching(/^it ended before it began/)},
    },
  ]);
});

test.each([
  ['prepare', 'before it changed anything', true],
  ['commit', 'halfway', false],
  ['back', 'while it was rolled back', false],
] as const)('of one whose process is gone in %s', async (phase, where, untouched) => {
  const {directory, number, root, follow, end} = makeFollowed();
  new JournalFile(
    directory.path,
    aJournal({state: `${root}/storage/runbook`, session: number, phase}),
  ).write();
  end();
  const reason = `its process is gone, and it stopped ${where}`;
  expect(await follow()).toMatchObject([
    {type: 'finished', finished: {outcome: 'needs-recovery', reason, untouched}},
  ]);
});

test('how far it is, is told where it can be', () => {
  const {directory} = makeFollowed();
  const progress = fc.oneof(
    fc.constantFrom('', '{', 'null', '[]', '{"stage":"saving","done":-5,"total":10}'),
    fc.string({unit: 'binary'}),
    fc
      .record({stage: fc.constantFrom('saving', 'sold'), done: fc.double(), total: fc.double()})
      .map((all) => JSON.stringify(all)),
  );
  fc.assert(
    fc.property(progress, (text) => {
      fs.writeFileSync(`${directory.path}/progress`, text);
      const read = readProgress(directory);
      if (read) expect(read.done >= 0 && read.total >= 0 && read.stage === 'saving').toBe(true);
    }),
  );
});
