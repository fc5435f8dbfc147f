import {longestOf} from '../../../engine/session/about.ts';
import {sayIncident} from '../../incident.ts';
import {asWhom, whoQuestion} from '../../person.ts';
import {lacksReason} from '../../prompt.ts';
import {busyWriting, cannotWrite, either} from '../../reasons.ts';
import {type Binding, type Perform, type Questions, say, sayNotTyped, sayUnread} from '../../screen.ts';
import {type AppState, currentScreen} from '../../state.ts';
import {typingInto} from '../../typings.ts';
import {openDifferences} from '../differences/open.ts';
import {namedElsewhere, whyNotChosen} from './choice.ts';
import {dumpsOf, loadRestore, openPlan, planAgain} from './open.ts';
import {type PurposeForm, sayingOf, textIn, whyNotPlan} from './purpose.ts';
import {isConfirmed, restoreSlice, whyNotGoOn, whyUnaudited, whyWritten} from './state.ts';
import {writingNow} from './writes.ts';

const whyNotChoose = (state: AppState): string | null => {
  const restore = restoreSlice.of(state);
  if (!restore || restore.names.length === 0) return 'there is no plan';
  return restore.subject.undoes === null ? null : 'an undo takes back all that the restore did';
};

const whyNotThis = (state: AppState): string | null => {
  const restore = restoreSlice.of(state);
  return restore && whyNotChosen(restore, restore.names[restore.cursor] ?? '');
};

const whyNotCompare = (state: AppState): string | null => {
  const restore = restoreSlice.of(state);
  if (!restore || restore.subject.undoes === null) return null;
  if (!restore.plan) return 'the plan is not made yet';
  return restore.plan.id === '' ? 'that restore made no safety backup' : null;
};

const noPlan = (state: AppState): string | null => (restoreSlice.of(state)?.plan ? null : 'there is no plan');

const whyNotAlthough = (state: AppState): string | null => {
  const restore = restoreSlice.of(state);
  if (restore?.state !== 'ready') return 'the plan is still being made';
  const {holding, hooked} = writingNow(restore);
  return holding.length + hooked.length > 0 ? null : 'nobody is seen writing';
};

/** The backup that the plan names first for what this one cannot give; null where it names none. */
function goodElsewhere(state: AppState): string | null {
  const restore = restoreSlice.of(state);
  return (restore && namedElsewhere(restore).find(({id}) => id !== null)?.id) ?? null;
}

/** On to the plan: a drill has to say where its files go. */
const toPlan: Perform = (store, reach) => {
  const restore = restoreSlice.of(store.get());
  if (!restore) return;
  const why = whyNotPlan(restore, restore.subject.id);
  if (why !== null) {
    say(store, why, 'beware');
    return;
  }
  openPlan(restore.subject, store, reach);
  sayIncident(sayingOf(restore), store, reach);
};

/** Starts it where what was confirmed has been read: this very plan, all of its word typed below it, on the screen. */
const begin: Perform = (store, reach) => {
  const restore = restoreSlice.of(store.get());
  const painted = reach.painted();
  const seen = currentScreen(painted) === 'confirm' ? restoreSlice.of(painted) : null;
  const written = restore && (whyWritten(restore) ?? whyUnaudited(restore));
  if (written) {
    store.dispatch({type: 'went back'});
    say(store, `${written}. Nothing was changed.`, 'beware');
    return;
  }
  if (restore && isConfirmed(restore) && seen?.plan === restore.plan && isConfirmed(seen)) {
    store.dispatch(restoreSlice.to({type: 'restore starting'}));
    reach.ask(loadRestore, (work) => work.start());
    return;
  }
  const typedIn = (state: AppState) => {
    const now = restoreSlice.of(state);
    return now !== null && isConfirmed(now) ? now.plan : null;
  };
  sayNotTyped(store, typedIn, {missing: 'Type all of it, then Enter: nothing was changed.'});
};

const findService: Perform = (store, reach) => {
  store.dispatch(restoreSlice.open({type: 'service opened'}, 'service'));
  reach.ask(loadRestore, (work) => work.findService());
};

/** A purpose stands at one end, and stays there: one press too many must not make a drill an incident. */
const switchTo = (to: PurposeForm['purpose'], key: string, label: string): Binding => ({
  keys: [key],
  label,
  hint: (state) => (restoreSlice.of(state)?.purpose === to ? null : 'incident/drill'),
  run: (store) => store.dispatch(restoreSlice.to({type: 'purpose switched', to})),
});

/** What a restore is for: four lines to be filled in. */
export const purposeTyping = typingInto({
  help: 'Restore, what it is for',
  text(state) {
    const restore = restoreSlice.of(state);
    return restore ? textIn(restore, restore.field, restore.subject.id) : '';
  },
  write: (text) => restoreSlice.to({type: 'field written', text}),
  isLine: true,
  keys: [
    {
      keys: ['enter'],
      label: 'go on to the plan, which writes nothing; all of it is optional',
      hint: 'go on',
      run: toPlan,
    },
    {
      keys: ['tab', 'down'],
      label: 'to the next line',
      hint: 'next line',
      run: (store) => store.dispatch(restoreSlice.to({type: 'field chosen', how: 'next'})),
    },
    {
      keys: ['up'],
      label: 'to the line above',
      run: (store) => store.dispatch(restoreSlice.to({type: 'field chosen', how: 'previous'})),
    },
    switchTo('drill', 'right', 'a drill into a directory of its own'),
    switchTo('incident', 'left', 'an incident'),
  ],
  clears: 'the line',
});

const openConfirm: Perform = (store) =>
  store.dispatch(restoreSlice.open({type: 'confirm opened'}, 'confirm'));

export const planKeys: Binding[] = [
  {
    keys: ['enter'],
    label: "go on to the last step before files change: the backup's id is typed",
    hint: 'go on',
    why: either(cannotWrite, busyWriting, (state) => {
      const restore = restoreSlice.of(state);
      return restore ? whyNotGoOn(restore) : 'there is no plan';
    }),
    run(store, reach) {
      const isRead = restoreSlice.of(reach.painted())?.plan === restoreSlice.of(store.get())?.plan;
      if (isRead) asWhom('enter', openConfirm)(store, reach);
      else sayUnread(store);
    },
  },
  {
    keys: [' '],
    label: 'restore the dataset, or leave it as it is',
    hint: 'choose',
    why: either(whyNotChoose, whyNotThis),
    run(store, reach) {
      store.dispatch(restoreSlice.to({type: 'restore toggled'}));
      planAgain(store, reach);
    },
  },
  {
    keys: ['a'],
    label: 'restore all datasets that can be; once more leaves all as they are',
    hint: 'all',
    why: whyNotChoose,
    run(store, reach) {
      store.dispatch(restoreSlice.to({type: 'all toggled'}));
      planAgain(store, reach);
    },
  },
  {
    keys: ['d'],
    label: 'differences between the backup and the live files; of an undo those of the safety backup',
    hint: 'differences',
    why: whyNotCompare,
    run: openDifferences,
  },
  {
    keys: ['s'],
    label: 'how to stop the service that writes: who has the files open, and the hooks',
    hint: 'stop service',
    why: noPlan,
    run: findService,
  },
  {
    keys: ['W'],
    label: 'restore what is written now all the same: what is written until the switch is lost',
    why: whyNotAlthough,
    run(store, reach) {
      store.dispatch(restoreSlice.to({type: 'although written'}));
      planAgain(store, reach);
    },
  },
  {
    keys: ['A'],
    label: 'restore although the audit log cannot be written, with the reason: it is recorded',
    why: (state) => {
      const restore = restoreSlice.of(state);
      return restore?.noAudit == null ? 'the audit log can be written, as far as is known' : null;
    },
    run(store) {
      const restore = restoreSlice.of(store.get());
      if (!restore) return;
      const {subject, withoutAudit} = restore;
      store.dispatch({type: 'asked', kind: 'audit', id: subject.id, text: withoutAudit ?? ''});
    },
  },
  {
    keys: ['T'],
    label: 'which ticket it is for',
    hint: 'ticket',
    run(store) {
      const restore = restoreSlice.of(store.get());
      if (restore)
        store.dispatch({type: 'asked', kind: 'ticket', id: restore.subject.id, text: restore.ticket});
    },
  },
  {
    keys: ['o'],
    label: 'the plan of the backup that is named as the one with another copy',
    hint: (state) => (goodElsewhere(state) === null ? null : 'other copy'),
    why: (state) => (goodElsewhere(state) === null ? 'no other backup is named' : null),
    run(store, reach) {
      const id = goodElsewhere(store.get());
      if (id !== null) openPlan({id, undoes: null, ...dumpsOf(id, store.get())}, store, reach);
    },
  },
  {
    keys: ['r'],
    label: 'look again: the plan is made anew',
    hint: 'look again',
    run(store, reach) {
      const restore = restoreSlice.of(store.get());
      if (restore) openPlan(restore.subject, store, reach);
    },
  },
];

/** Questions of the plan. */
export const planQuestions: Questions = {
  who: whoQuestion,
  ticket: {
    most: longestOf.ticket,
    give({text}, store, reach) {
      store.dispatch(restoreSlice.to({type: 'ticket given', text: text.trim()}));
      const restore = restoreSlice.of(store.get());
      if (restore?.subject.undoes === null) sayIncident(sayingOf(restore), store, reach);
    },
  },
  audit: {
    most: longestOf.title,
    lacks: lacksReason,
    give: ({text}, store) =>
      store.dispatch(restoreSlice.to({type: 'audit done without', reason: text.trim()})),
  },
};

export const serviceKeys: Binding[] = [
  {keys: ['r'], label: 'look again', hint: 'look again', run: findService},
];

/** The backup's id, typed before files change; an undo's is the session's number. */
export const wordTyping = typingInto({
  help: 'Restore, the last step before files change',
  text: (state) => restoreSlice.of(state)?.typed ?? '',
  write: (text) => restoreSlice.to({type: 'word written', text}),
  keys: [
    {
      keys: ['enter'],
      label: 'restore, once all of it is typed',
      hint: 'restore',
      why: noPlan,
      run: begin,
    },
  ],
  clears: 'what was typed',
});
