import {createHash} from 'node:crypto';
import fs from 'node:fs';
import {expect, test} from 'vitest';
import {heldSince, sinceRestore} from '../../../source/engine/checklist/since.ts';
import {findState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeRestorable, twoContents} from '../../support/restores.ts';

function look(root: string): string[] {
  const state = findState(root);
  if (!state) throw new Error('there is no state');
  try {
    return sinceRestore(state, 1).map(
      ({dataset, state: is, by}) => `${dataset}: ${is}${by ? `, by ${by}` : ''}`,
    );
  } finally {
    state.close();
  }
}

const heldIn = (root: string): string[] => {
  const state = findState(root);
  try {
    return state ? heldSince(state, 1).map(({file}) => file) : [];
  } finally {
    state?.close();
  }
};

test('says of each restored dataset whether its live file is still what was restored', async () => {
  const {root, restore, live} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  expect(look(root)).toEqual(['tenants: as restored', 'ledger: as restored']);
  fs.appendFileSync(live('ledger'), 'written');
  expect(look(root)).toEqual(['tenants: as restored', 'ledger: changed']);
  fs.rmSync(live('tenants'));
  expect(look(root)).toEqual(['tenants: changed', 'ledger: changed']);
});

test('what always changes is looked at like the rest, and what another session wrote is said to be its own', async () => {
  const kernel = {copy: '{"k":"saved"}\n', live: '{"k":"lived"}\n'};
  const {root, restore, live, close} = makeRestorable({contents: {...twoContents, kernel_state: kernel}});
  expect(await restore()).toMatchObject({code: 0});
  expect(look(root)).toContain('kernel_state: as restored');
  fs.writeFileSync(live('kernel_state'), kernel.live);
  expect(look(root)).toContain('kernel_state: changed');
  expect(heldIn(root)).not.toContain(live('kernel_state'));
  expect(await restore('--only=kernel_state')).toMatchObject({code: 0});
  const replaced = ['tenants: as restored', 'ledger: as restored', 'kernel_state: changed, by 2'];
  expect(look(root)).toEqual(replaced);
  expect(await close(2)).toMatchObject({code: 0});
  expect(look(root)).toEqual(replaced);
});

test('says nothing of a session that may be forged', async () => {
  const {root, restore, state} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  fs.chmodSync(state('sessions', '1', 'journal.json'), 0o666);
  expect(look(root)).toEqual([]);
});

test('what it hashed at the switch is known of the files that are as it left them', async () => {
  const {root, restore, live} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const held = (): string[] => {
    const state = findState(root);
    try {
      return state
        ? heldSince(state, 1).map(({file, algorithm, hash}) => `${file} ${algorithm}:${hash}`)
        : [];
    } finally {
      state?.close();
    }
  };
  const hashOf = (name: string): string =>
    createHash('sha256')
      .update(fs.readFileSync(live(name)))
      .digest('hex');
  expect(held()).toEqual(['tenants', 'ledger'].map((name) => `${live(name)} sha256:${hashOf(name)}`));
  fs.appendFileSync(live('ledger'), 'written');
  expect(held()).toEqual([`${live('tenants')} sha256:${hashOf('tenants')}`]);
});
