import {lookingInside} from '../../reasons.ts';
import {type Perform, type Reach, say, withSubject} from '../../screen.ts';
import {type AppStore, noSlice} from '../../state.ts';
import type {Workplace} from '../../work.ts';

/** It shows what is known. */
export const verifySlice = noSlice('verify');

export const loadVerify = async (place: Workplace) => (await import('./work.ts')).verifyWork(place);

/** Verifies a backup, or shows the verification that is running. */
export function verifyBackup(id: string, reach: Reach, store: AppStore): void {
  const {verify} = store.get();
  const open = verify?.state === 'running' || (verify?.id === id && lookingInside(store.get()));
  if (!verify || !open) {
    reach.ask(loadVerify, (work) => work.verify(id));
    return;
  }
  store.dispatch(verifySlice.open(null));
  if (verify.id === id) return;
  const text = `${verify.id} is still being verified: wait, or stop it first.`;
  say(store, text, 'beware', (state) => state.verify?.id === verify.id && state.verify.state === 'running');
}

export const startVerify: Perform = withSubject(verifyBackup);
