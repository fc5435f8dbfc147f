import {backupsListHeight} from '../../layout.ts';
import type {Screen} from '../../screen.ts';
import {filterTyping} from '../../typings.ts';
import {backupsKeys, backupsQuestions} from './keys.ts';
import {type BackupsAction, type BackupsState, backupsSlice, followCatalog, moveSelection} from './state.ts';
import {BackupsView} from './View.tsx';

const typing = filterTyping(backupsSlice);

/** The first screen: every backup, and what is known of the chosen one. */
export const backups: Screen<BackupsState, BackupsAction> = {
  slice: backupsSlice,
  title: 'Backups',
  help: 'Backups',
  keys: backupsKeys,
  View: BackupsView,
  move: (list, how, state) => moveSelection(list, how, backupsListHeight(state)),
  follow: followCatalog,
  subject: ({selected}) => selected,
  typing: (state) => (backupsSlice.of(state).typing ? typing : null),
  questions: backupsQuestions,
  back(store) {
    const list = backupsSlice.of(store.get());
    if (list.typing || list.filter !== '') store.dispatch(backupsSlice.to({type: 'filter cleared'}));
    return list.typing || list.filter !== '';
  },
};
