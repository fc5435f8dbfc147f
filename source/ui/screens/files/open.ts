import type {Reach} from '../../screen.ts';
import type {AppStore} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {filesSlice} from './state.ts';

export const loadFiles = async (place: Workplace) => (await import('./work.ts')).filesWork(place);

/** Shows what lies in a backup that has no manifest, and looks into it. */
export function openFiles(id: string, reach: Reach, store: AppStore): void {
  store.dispatch(filesSlice.open({type: 'files opened', id}));
  reach.ask(loadFiles, (work) => work.look(id));
}
