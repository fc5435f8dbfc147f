import {expect, test} from 'vitest';
import {reduce} from '../../../../source/ui/reduce.ts';
import {sessionsSlice} from '../../../../source/ui/screens/sessions/state.ts';
import {sessionsWork} from '../../../../source/ui/screens/sessions/work.ts';
import {createStore} from '../../../../source/ui/store.ts';
import {openWorkplace} from '../../../../source/ui/work.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {makeRestorable} from '../../../support/restores.ts';
import {anApp} from '../../../support/states.ts';

test('a checklist says so once another terminal has signed its session off', async () => {
  const {root, backups, restore, command, close} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const store = createStore(anApp([], {place: {root, backups}}), reduce);
  const over = new AbortController();
  const work = sessionsWork(openWorkplace(store, over.signal, undefined).place);
  await work.refresh();
  store.dispatch(sessionsSlice.open({type: 'checklist opened', session: 1}, 'checklist'));
  const last = () => frameText(screenOf('checklist')(store.get())).split('\n').at(-1);
  // Its evidence is exported before it is signed off.
  expect(await command('evidence', 'export', '--session=1')).toMatchObject({code: 0});
  await work.refresh();
  expect(last()).toBe(' You watch: T takes the session over');
  expect(await close(1)).toMatchObject({code: 0});
  await work.refresh();
  expect(last()).toMatch(/^ \+ final evidence: \d{8}_\d{6}_session-1(_2)?\.md$/);
  over.abort();
});
