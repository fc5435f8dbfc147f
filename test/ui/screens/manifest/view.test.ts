import {expect, test} from 'vitest';
import {manifestSlice} from '../../../../source/ui/screens/manifest/state.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {rows, verified} from '../../../support/catalog.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {aManifest, openedManifest} from '../../../support/manifests.ts';
import {anApp, aResult, reduceAll, started} from '../../../support/states.ts';

const manifestScreen = screenOf('manifest');

const opened = openedManifest(aManifest({id: verified, algorithm: 'md5', hash: 'ab'.repeat(16)}), verified);
const open: AppAction = manifestSlice.open({type: 'manifest opened', manifest: opened});
const shown = (...actions: AppAction[]) =>
  frameText(manifestScreen(reduceAll(anApp(rows), open, ...actions)));

test('the table, and all that is recorded of the chosen dataset', () => {
  const text = shown();
  expect(text).toMatch(/^ 20261123_030000_release +made 2026-11-23 12:00:00Z$/m);
  expect(text).toMatch(/^ {3}verified +\+ 2h ago$/m);
  expect(text).toMatch(/^ > tenants +1\.0 kB +\+ match +md5 +! +(ab){16}$/m);
  expect(text).toMatch(/^ {3}ledger +1\.0 kB +\+ match +md5 +! +(ab){16}$/m);
  expect(text).toMatch(/^ {3}source +\/srv\/magmoboce\/storage\/data\/tenants$/m);
  expect(text).toMatch(/^ {3}copy +~.*\/datasets\/tenants$/m);
  expect(text).toMatch(/^ {3}recorded +(ab){16}$/m);
  expect(text).toContain('md5 finds accidents, not tampering');
});

test('raw is the file itself', () => {
  expect(shown(manifestSlice.to({type: 'manifest view switched'}))).toContain(`"id": "${verified}"`);
});

test('a result of this session is worth more than what was recorded before', () => {
  const wrong = aResult('tenants', {
    status: 'mismatch',
    actual: 'cd'.repeat(16),
    reason: 'not what was recorded',
  });
  const text = shown(
    {type: 'verify started', id: verified},
    {type: 'verify event', event: started(verified, ['tenants', 'ledger']), seconds: 0},
    {type: 'verify event', event: {type: 'dataset', backup: 0, index: 0, result: wrong}, seconds: 1},
  );
  expect(text).toMatch(/> tenants .*x mismatch/);
  expect(text).toContain('not what was recorded');
  expect(text).toMatch(/ {2}ledger .*\+ match/);
});

test('the word that says what is wrong with a copy is not cut', () => {
  for (const status of ['mismatch', 'missing', 'unreadable', 'unsupported', 'unsafe'] as const) {
    const text = shown(
      {type: 'verify started', id: verified},
      {type: 'verify event', event: started(verified, ['tenants', 'ledger']), seconds: 0},
      {
        type: 'verify event',
        event: {type: 'dataset', backup: 0, index: 0, result: aResult('tenants', {status})},
        seconds: 1,
      },
    );
    expect(text).toContain(`x ${status}`);
  }
});

test('a verification that was stopped marks no dataset as one that needs the operator', () => {
  const result = aResult('tenants', {status: 'cancelled', actual: null, bytes: null, reason: 'cancelled'});
  const text = shown(
    {type: 'verify started', id: verified},
    {type: 'verify event', event: started(verified, ['tenants', 'ledger']), seconds: 0},
    {type: 'verify event', event: {type: 'dataset', backup: 0, index: 0, result}, seconds: 1},
  );
  expect(text).toMatch(/> tenants/);
  expect(text).not.toMatch(/> tenants .* x /);
});
