import {evidenceStep} from '../../../engine/session/checklist.ts';
import {ownersOf, whyWatching} from '../../../engine/session/owner.ts';
import type {Binding} from '../../common-keys.ts';
import {
  busyWriting,
  cannotWrite,
  checking,
  either,
  needsProject,
  notOpen,
  notTaken,
  notUndoable,
  stepsOpen,
  watching,
} from '../../reasons.ts';
import type {AppState} from '../../state.ts';
import {followedInto, phaseOf} from '../progress/state.ts';
import {chosenSession, chosenStep} from '../sessions/state.ts';
import {whyNotGoOn} from './state.ts';
import {writingNow} from './writes.ts';

const whyNotCancel = ({follow, me, now}: AppState): string | null => {
  if (!follow || follow.finished) return 'nothing is at work';
  const why = whyWatching(follow.session, ownersOf(follow.lines), me, now);
  if (why !== null) return why;
  return phaseOf(follow) === 'prepare' ? null : 'files are being switched: that is finished first';
};

const answerable = either(notOpen, watching, cannotWrite, busyWriting, checking);

/** Evidence may be looked at by whoever only watches, and long after it was signed off. */
const doable = (state: AppState): string | null =>
  chosenStep(state.sessions)?.id === evidenceStep ? needsProject(state) : answerable(state);

const whyNotChoose = ({restore}: AppState): string | null => {
  if (!restore || restore.names.length === 0) return 'there is no plan';
  return restore.subject.undoes === null ? null : 'an undo takes back all that the restore did';
};

const whyNotCompare = ({restore}: AppState): string | null => {
  if (!restore || restore.subject.undoes === null) return null;
  if (!restore.plan) return 'the plan is not made yet';
  return restore.plan.id === '' ? 'that restore made no safety backup' : null;
};

const whyNotAlthough = ({restore}: AppState): string | null => {
  if (restore?.state !== 'ready') return 'the plan is still being made';
  const {holding, hooked} = writingNow(restore);
  return holding.length + hooked.length > 0 ? null : 'nobody is seen writing';
};

const whyNotChecklist = ({follow, stopped}: AppState): string | null => {
  if (stopped) return null;
  if (follow?.finished?.outcome !== 'done') return 'it is not done';
  return followedInto(follow) === null ? null : 'a drill has no checklist';
};

const needsSession = ({sessions}: AppState): string | null =>
  chosenSession(sessions) ? null : 'no restore was made here yet';

const ofDrill = ({sessions}: AppState): string | null => {
  const story = chosenSession(sessions);
  return story?.drill && story.state === 'done' ? 'a drill has no checklist' : null;
};

/** The keys from a plan to a restore that is signed off. */
export const walkBindings: Binding[] = [
  {
    id: 'toPlan',
    keys: ['enter'],
    scope: 'purpose',
    label: 'go on to the plan, which writes nothing; all may stay empty',
    hint: 'go on',
  },
  {id: 'nextField', keys: ['tab', 'down'], scope: 'purpose', label: 'to the next line', hint: 'next line'},
  {id: 'previousField', keys: ['up'], scope: 'purpose', label: 'to the line above'},
  {
    id: 'switchPurpose',
    keys: ['right', 'left'],
    scope: 'purpose',
    label: 'an incident, or a drill into a directory of its own',
    hint: 'incident/drill',
  },
  {id: 'eraseField', keys: ['backspace'], scope: 'purpose', label: 'erase a character'},
  {id: 'clearField', keys: ['ctrl+u'], scope: 'purpose', label: 'clear the line', hint: 'clear'},

  {
    id: 'goOn',
    keys: ['enter'],
    scope: 'restore',
    label: "go on to the last step before files change: the backup's id is typed",
    hint: 'go on',
    disabledReason: either(cannotWrite, busyWriting, ({restore}) =>
      restore ? whyNotGoOn(restore) : 'there is no plan',
    ),
  },
  {
    id: 'toggle',
    keys: [' '],
    scope: 'restore',
    label: 'restore the dataset, or leave it as it is',
    hint: 'choose',
    disabledReason: whyNotChoose,
  },
  {
    id: 'differences',
    keys: ['d'],
    scope: 'restore',
    label: 'differences between the backup and the live files; of an undo those of the safety backup',
    hint: 'differences',
    disabledReason: whyNotCompare,
  },
  {
    id: 'stopService',
    keys: ['s'],
    scope: 'restore',
    label: 'how to stop the service that writes: who has the files open, and the hooks',
    hint: 'stop service',
    disabledReason: ({restore}) => (restore?.plan ? null : 'there is no plan'),
  },
  {
    id: 'although',
    keys: ['W'],
    scope: 'restore',
    label: 'restore what is written now all the same: what is written until the switch is lost',
    disabledReason: whyNotAlthough,
  },
  {
    id: 'withoutAudit',
    keys: ['A'],
    scope: 'restore',
    label: 'restore although the audit log cannot be written, with the reason: it is recorded',
    disabledReason: ({restore}) =>
      restore?.noAudit == null ? 'the audit log can be written, as far as is known' : null,
  },
  {id: 'ticket', keys: ['T'], scope: 'restore', label: 'which ticket it is for', hint: 'ticket'},
  {
    id: 'lookAgain',
    keys: ['r'],
    scope: 'restore',
    label: 'look again: the plan is made anew',
    hint: 'look again',
  },

  {id: 'stopService', keys: ['r'], scope: 'service', label: 'look again', hint: 'look again'},

  {
    id: 'begin',
    keys: ['enter'],
    scope: 'word',
    label: 'restore, once all of it is typed',
    hint: 'restore',
    dangerous: true,
  },
  {id: 'eraseWord', keys: ['backspace'], scope: 'word', label: 'erase a character'},
  {id: 'clearWord', keys: ['ctrl+u'], scope: 'word', label: 'clear what was typed', hint: 'clear'},

  {
    id: 'cancelRestore',
    keys: ['ctrl+c'],
    scope: 'progress',
    label: 'cancel the restore while it prepares; nothing of it stays',
    hint: 'cancel',
    disabledReason: whyNotCancel,
  },
  {
    id: 'checklist',
    keys: ['enter', 'a'],
    scope: 'progress',
    label: 'go on: to the checklist, or to the decision where it stopped halfway',
    hint: 'go on',
    disabledReason: whyNotChecklist,
  },

  {
    id: 'doStep',
    keys: ['enter'],
    scope: 'checklist',
    label: 'do the step: by machine where it can be, else by your word',
    hint: 'do',
    disabledReason: doable,
  },
  {
    id: 'stepDone',
    keys: ['d'],
    scope: 'checklist',
    label: 'done, with a note',
    hint: 'done',
    disabledReason: answerable,
  },
  {
    id: 'stepFailed',
    keys: ['f'],
    scope: 'checklist',
    label: 'failed, with the reason',
    hint: 'failed',
    disabledReason: answerable,
  },
  {
    id: 'stepSkipped',
    keys: ['s'],
    scope: 'checklist',
    label: 'skipped, with the reason',
    hint: 'skip',
    disabledReason: answerable,
  },
  {
    id: 'times',
    keys: ['w'],
    scope: 'checklist',
    label: 'when it was noticed and declared, and when the service was back',
    hint: 'times',
    disabledReason: answerable,
  },
  {
    id: 'undo',
    keys: ['u'],
    scope: 'checklist',
    label: "undo the restore: a plan first, which asks for the session's number",
    hint: 'undo',
    disabledReason: either(notUndoable, watching, needsProject, busyWriting),
  },
  {
    id: 'closeSession',
    keys: ['C'],
    scope: 'checklist',
    label: 'sign it off, once every step is answered; the old files beside the live ones go',
    hint: 'sign off',
    disabledReason: either(answerable, stepsOpen),
  },
  {
    id: 'takeOver',
    keys: ['T'],
    scope: 'checklist',
    label: 'take the session over from whoever has it: its number is typed, and his screen watches',
    hint: 'take over',
    disabledReason: either(notTaken, cannotWrite, busyWriting),
  },
  {
    id: 'evidence',
    keys: ['e'],
    scope: 'checklist',
    label: 'evidence: one file of it all, shown before it is written',
    hint: 'evidence',
    disabledReason: needsProject,
  },
  {id: 'record', keys: ['l'], scope: 'checklist', label: 'its record, like a log'},
  {
    id: 'stopCheck',
    keys: ['ctrl+c'],
    scope: 'checklist',
    label: 'stop checking; nothing is answered',
    disabledReason: (state) => (checking(state) ? null : 'nothing is being checked'),
  },

  {
    id: 'record',
    keys: ['enter'],
    scope: 'sessions',
    label: "read the session's record like a log",
    hint: 'read',
    disabledReason: needsSession,
  },
  {
    id: 'checklist',
    keys: ['a'],
    scope: 'sessions',
    label: "the session's checklist",
    hint: 'checklist',
    disabledReason: either(needsSession, ofDrill),
  },
  {
    id: 'evidence',
    keys: ['e'],
    scope: 'sessions',
    label: "the session's evidence: one file of it all, shown before it is written",
    hint: 'evidence',
    disabledReason: either(needsSession, needsProject),
  },

  {
    id: 'decide',
    keys: ['enter'],
    scope: 'decision',
    label: 'do what was typed',
    hint: 'do it',
    dangerous: true,
  },
  {id: 'eraseDecision', keys: ['backspace'], scope: 'decision', label: 'erase a character'},
  {id: 'clearDecision', keys: ['ctrl+u'], scope: 'decision', label: 'clear what was typed', hint: 'clear'},
];
