import {describe, expect, test} from 'vitest';
import {reduce} from '../../source/ui/reduce.ts';
import {backupsSlice} from '../../source/ui/screens/backups/state.ts';
import {helpSlice} from '../../source/ui/screens/help/state.ts';
import {manifestSlice} from '../../source/ui/screens/manifest/state.ts';
import {paletteSlice} from '../../source/ui/screens/palette/state.ts';
import {type AppAction, type AppState, currentScreen} from '../../source/ui/state.ts';
import {aManifest, openedManifest} from '../support/manifests.ts';
import {anApp, aResult, aRow, finished, idAt, listing, noon, reduceAll, started} from '../support/states.ts';

const rows = [1, 2, 3].map((hour) => aRow(idAt(hour)));
const [first, second] = rows.map(({id}) => id) as [string, string, string];
const app = anApp(rows);
const manifest = (id: string) => openedManifest(aManifest({id}), id);
const verifying = reduceAll(
  app,
  {type: 'verify started', id: first},
  {type: 'verify event', event: started(first, ['tenants', 'ledger']), seconds: 0},
);

test('opens on the list, with the newest selected and described', () => {
  expect(currentScreen(app)).toBe('backups');
  expect(backupsSlice.of(app).selected).toBe(first);
  expect(backupsSlice.of(app).detail).toBe(first);
});

describe('screens', () => {
  test('going back from the first one stays there', () => {
    expect(reduce(app, {type: 'went back'}).screens).toEqual(['backups']);
  });

  test('come back in the order in which they were opened', () => {
    const state = reduceAll(
      app,
      manifestSlice.open({type: 'manifest opened', manifest: manifest(first)}),
      helpSlice.open({type: 'help opened'}),
    );
    expect(state.screens).toEqual(['backups', 'manifest', 'help']);
    expect(reduceAll(state, {type: 'went back'}, {type: 'went back'}).screens).toEqual(['backups']);
  });

  test('are open once each, so that going back never walks in a circle', () => {
    const state = reduceAll(
      app,
      helpSlice.open({type: 'help opened'}),
      paletteSlice.open({type: 'palette opened'}),
      helpSlice.open({type: 'help opened'}),
      helpSlice.open({type: 'help opened'}),
    );
    expect(state.screens).toEqual(['backups', 'palette', 'help']);
  });
});

describe('the filter', () => {
  const typing = reduceAll(
    app,
    backupsSlice.to({type: 'filter opened'}),
    backupsSlice.to({type: 'filter written', text: 'é'}),
  );

  test('takes what is typed at once', () => {
    expect(backupsSlice.of(typing)).toMatchObject({filter: 'é', typing: true, shown: [], selected: null});
  });

  test('stays open when it is empty', () => {
    const empty = reduceAll(typing, backupsSlice.to({type: 'filter written', text: ''}));
    expect(backupsSlice.of(empty)).toMatchObject({
      filter: '',
      typing: true,
      shown: backupsSlice.of(app).shown,
    });
  });

  test('can be kept or cleared', () => {
    expect(backupsSlice.of(reduce(typing, backupsSlice.to({type: 'filter kept'})))).toMatchObject({
      filter: 'é',
      typing: false,
    });
    expect(backupsSlice.of(reduce(typing, backupsSlice.to({type: 'filter cleared'})))).toMatchObject({
      filter: '',
      typing: false,
    });
  });
});

describe('a verification', () => {
  const results = [aResult('tenants'), aResult('ledger')];

  test('is shown when it starts', () => {
    expect(currentScreen(verifying)).toBe('verify');
    expect(verifying.verify).toMatchObject({id: first, state: 'running'});
  });

  test('goes on in the background', () => {
    const away = reduceAll(
      verifying,
      {type: 'went back'},
      {
        type: 'verify event',
        event: {type: 'progress', bytes: [[5, 0]], bytesDone: 5},
        seconds: 1,
      },
    );
    expect(currentScreen(away)).toBe('backups');
    expect(away.verify).toMatchObject({state: 'running', progress: {doneBytes: 5}});
  });

  test('is done or stopped in the end', () => {
    const done = finished(first, results);
    const stopped = finished(first, [aResult('tenants', {status: 'cancelled'})]);
    expect(reduce(verifying, {type: 'verify event', event: done, seconds: 3}).verify?.state).toBe('done');
    expect(reduce(verifying, {type: 'verify event', event: stopped, seconds: 3}).verify?.state).toBe(
      'stopped',
    );
  });

  test('tells the open manifest of its own backup, and no other', () => {
    const event: AppAction = {
      type: 'verify event',
      seconds: 1,
      event: {type: 'dataset', backup: 0, index: 0, result: aResult('tenants', {status: 'mismatch'})},
    };
    const open = (id: string) =>
      reduceAll(verifying, manifestSlice.open({type: 'manifest opened', manifest: manifest(id)}), event);
    expect(manifestSlice.of(open(first))?.results.get('tenants')?.status).toBe('mismatch');
    expect(manifestSlice.of(open(second))?.results.size).toBe(0);
  });

  test('events that come without one change nothing', () => {
    expect(reduce(app, {type: 'verify event', event: finished(first, results), seconds: 1})).toBe(app);
  });
});

test('what is known of a live file is known whichever backup is looked at', () => {
  const live = {state: 'missing'} as const;
  const known = reduce(app, backupsSlice.to({type: 'live read', name: 'tenants', live}));
  const moved = backupsSlice.of(reduce(known, backupsSlice.to({type: 'detail opened', id: second})));
  expect(moved.live.get('tenants')).toEqual(live);
  expect(moved.detail).toBe(second);
});

describe('messages', () => {
  test('and a question to quit are over with the next key', () => {
    const asked = reduce(app, {type: 'quit asked', text: 'again', holds: () => true});
    expect(asked).toMatchObject({quitAsked: true, message: {text: 'again', tone: 'beware'}});
    expect(reduce(asked, {type: 'key pressed'})).toMatchObject({quitAsked: false, message: null});
  });

  test('live as long as they are true', () => {
    const message = {
      text: 'not verified',
      tone: 'plain' as const,
      holds: ({verify}: AppState) => verify === null,
    };
    const said = reduce(app, {type: 'said', message});
    expect(reduce(said, {type: 'minute passed', now: 0}).message).toBe(message);
    expect(reduce(said, {type: 'verify started', id: first}).message).toBeNull();
  });

  test('a key that finds none changes nothing, so that nothing is painted', () => {
    expect(reduce(app, {type: 'key pressed'})).toBe(app);
  });
});

test('the clock moves on without a move of the list', () => {
  const later = reduce(app, {type: 'minute passed', now: noon + 60_000});
  expect(later.now).toBe(noon + 60_000);
  expect(backupsSlice.of(later)).toBe(backupsSlice.of(app));
});

test('a backup that is deleted while its manifest is open leaves the manifest on the screen', () => {
  const open = reduce(app, manifestSlice.open({type: 'manifest opened', manifest: manifest(first)}));
  const event = {type: 'listed', listing: listing([second])} as const;
  const after = reduce(open, {type: 'catalog', event});
  expect(currentScreen(after)).toBe('manifest');
  expect(backupsSlice.of(after).shown).toEqual([second]);
});
