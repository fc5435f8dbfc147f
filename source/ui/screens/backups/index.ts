import {drawn} from '../../kit/drawn.tsx';
import {backupsListHeight} from '../../layout.ts';
import type {Screen} from '../../screen.ts';
import {answerTyping, filterTyping} from '../../typings.ts';
import {backupsKeys, backupsQuestions} from './keys.ts';
import {moveSelection} from './state.ts';
import {backupsScreen} from './view.ts';

/** The first screen: every backup, and what is known of the chosen one. */
export const backups: Screen = {
  title: 'Backups',
  help: 'Backups',
  keys: backupsKeys,
  View: drawn(backupsScreen),
  move: (state, how) => ({...state, backups: moveSelection(state.backups, how, backupsListHeight(state))}),
  typing: ({prompt, backups: list}) => (prompt ? answerTyping : list.typing ? filterTyping : null),
  questions: backupsQuestions,
  back(store) {
    const {typing, filter} = store.get().backups;
    if (typing || filter !== '') store.dispatch({type: 'filter cleared'});
    return typing || filter !== '';
  },
};
