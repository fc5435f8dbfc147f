import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {reduce} from '../../../../source/ui/reduce.ts';
import {activitySlice} from '../../../../source/ui/screens/activity/state.ts';
import {activityWork} from '../../../../source/ui/screens/activity/work.ts';
import type {AppState} from '../../../../source/ui/state.ts';
import {createStore} from '../../../../source/ui/store.ts';
import {logText} from '../../../support/activity-states.ts';
import {configured} from '../../../support/run-states.ts';
import {anApp, reduceAll} from '../../../support/states.ts';
import {temporaryDirectory} from '../../../support/temporary.ts';

test('it reads, follows, reads anew when it is asked for other lines, and ends with the screen', async () => {
  const root = temporaryDirectory();
  const file = path.join(root, 'storage/logs/audit.log');
  fs.mkdirSync(path.dirname(file), {recursive: true});
  const about = (id: string): string => `${logText({payload: {id}})}\n`;
  const login = `${logText({action: 'user.login', payload: {id: 'login'}})}\n`;
  fs.writeFileSync(file, about('a') + login);
  const ready = reduceAll(anApp([], {place: {root, backups: `${root}/storage/backups`}}), configured());
  const configuration = ready.configuration && {
    ...ready.configuration,
    auditLog: {...ready.configuration.auditLog, value: file},
  };
  const store = createStore<AppState, Parameters<typeof reduce>[1]>({...ready, configuration}, reduce);
  const shown = (): (string | null)[] => activitySlice.of(store.get()).shown.map(({backup}) => backup);
  const until = (wanted: (string | null)[]): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (JSON.stringify(shown()) !== JSON.stringify(wanted)) return;
        leave();
        resolve();
      };
      const leave = store.subscribe(look);
      look();
    });
  const work = activityWork({store, signal: new AbortController().signal});
  store.dispatch(activitySlice.open({type: 'activity opened', backup: null}));
  const first = work.follow();
  await until(['a']);
  fs.appendFileSync(file, about('b'));
  await until(['b', 'a']);
  expect(activitySlice.of(store.get())).toMatchObject({log: {state: 'there'}, end: 'the log begins there'});
  store.dispatch(activitySlice.to({type: 'activity widened'}));
  const second = work.follow();
  await first;
  await until(['b', 'login', 'a']);
  store.dispatch({type: 'went back'});
  await second;
  const {reading, lines} = activitySlice.of(store.get());
  expect([reading, lines.length]).toEqual([2, 3]);
});
