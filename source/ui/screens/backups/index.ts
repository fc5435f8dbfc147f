import {backupsListHeight} from '../../layout.ts';
import type {Screen} from '../../screen.ts';
import {filtering} from '../../typings.ts';
import {backupsKeys, backupsQuestions} from './keys.ts';
import {type BackupsAction, type BackupsState, backupsSlice, followCatalog, moveSelection} from './state.ts';
import {BackupsView} from './View.tsx';

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
  questions: backupsQuestions,
  ...filtering(backupsSlice),
};
