import {backingUp} from '../../reasons.ts';
import {type Binding, type Screen, sayUnread} from '../../screen.ts';
import {typingInto} from '../../typings.ts';
import {verifyBackup} from '../verify/open.ts';
import {loadRun} from './open.ts';
import {type RunAction, type RunTask, runSlice, whyNotStart} from './state.ts';
import {RunView} from './View.tsx';

const keys: Binding[] = [
  {
    keys: ['ctrl+c'],
    label: 'cancel the backup; nothing of it stays',
    hint: 'cancel',
    why: (state) => (backingUp(state) ? null : 'nothing is running'),
    run(store, reach) {
      store.dispatch(runSlice.to({type: 'run stopping'}));
      reach.ask(loadRun, (work) => work.stop());
    },
  },
  {
    keys: ['v'],
    label: 'verify the backup that was made',
    hint: 'verify it',
    why: (state) => (runSlice.of(state)?.progress.result?.id ? null : 'there is no backup yet'),
    run(store, reach) {
      const id = runSlice.of(store.get())?.progress.result?.id;
      if (id) verifyBackup(id, reach, store);
    },
  },
];

const labelTyping = typingInto({
  help: 'Back up, before it starts',
  text: (state) => runSlice.of(state)?.label ?? '',
  write: (text) => runSlice.to({type: 'label written', text}),
  isLine: true,
  keys: [
    {
      keys: ['enter'],
      label: 'start the backup',
      hint: 'start',
      why(state) {
        const task = runSlice.of(state);
        return task ? whyNotStart(task) : 'there is no plan';
      },
      run(store, reach) {
        const task = runSlice.of(store.get());
        if (!task) return;
        if (runSlice.of(reach.painted())?.plan !== task.plan) return sayUnread(store);
        store.dispatch(runSlice.to({type: 'run started'}));
        reach.ask(loadRun, (work) => work.run(task.label));
      },
    },
  ],
  clears: 'the label',
});

/** A backup that is made: what will be copied, its label, how far it is, how it ended. */
export const run: Screen<RunTask | null, RunAction> = {
  slice: runSlice,
  title: 'Back up',
  help: 'Back up',
  keys,
  View: RunView,
  typings: [labelTyping],
  typing: (state) => {
    const task = runSlice.of(state);
    return task?.state === 'ready' && !task.problem ? labelTyping : null;
  },
};
