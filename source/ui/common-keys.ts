import {
  backingUp,
  busyWriting,
  cannotWrite,
  either,
  lookingInside,
  needsBackup,
  needsOpenSession,
  needsProject,
  needsRoot,
  notHeld,
  notWhole,
  pruning,
  restoring,
  verifying,
} from './reasons.ts';
import {activityBindings} from './screens/activity/keys.ts';
import {differencesBindings} from './screens/differences/keys.ts';
import {evidenceBindings} from './screens/evidence/keys.ts';
import {walkBindings} from './screens/restore/keys.ts';
import {whyNotStart} from './screens/run/state.ts';
import type {AppState} from './state.ts';

export type Scope =
  | 'everywhere'
  | 'lists'
  | 'backups'
  | 'filter'
  | 'answer'
  | 'label'
  | 'run'
  | 'count'
  | 'prune'
  | 'manifest'
  | 'differences'
  | 'difference'
  | 'others'
  | 'verify'
  | 'purpose'
  | 'restore'
  | 'service'
  | 'word'
  | 'confirm'
  | 'progress'
  | 'checklist'
  | 'sessions'
  | 'record'
  | 'evidence'
  | 'activity'
  | 'event'
  | 'stopped'
  | 'decision'
  | 'status'
  | 'config'
  | 'help'
  | 'palette';

export type ActionId =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'first'
  | 'last'
  | 'open'
  | 'differences'
  | 'difference'
  | 'others'
  | 'chooseOther'
  | 'left'
  | 'right'
  | 'nextChange'
  | 'previousChange'
  | 'verify'
  | 'stop'
  | 'watch'
  | 'filter'
  | 'keepFilter'
  | 'eraseFilter'
  | 'back'
  | 'sortBackup'
  | 'sortData'
  | 'sortSize'
  | 'sortVerified'
  | 'copyId'
  | 'copyHash'
  | 'copyPath'
  | 'switchView'
  | 'config'
  | 'backUp'
  | 'startRun'
  | 'eraseLabel'
  | 'clearLabel'
  | 'stopRun'
  | 'verifyMade'
  | 'hold'
  | 'letGo'
  | 'badSince'
  | 'giveAnswer'
  | 'eraseAnswer'
  | 'clearAnswer'
  | 'prune'
  | 'confirmPrune'
  | 'eraseCount'
  | 'restore'
  | 'toPlan'
  | 'switchPurpose'
  | 'nextField'
  | 'previousField'
  | 'eraseField'
  | 'clearField'
  | 'lookAgain'
  | 'toggle'
  | 'ticket'
  | 'withoutAudit'
  | 'stopService'
  | 'although'
  | 'goOn'
  | 'begin'
  | 'eraseWord'
  | 'clearWord'
  | 'cancelRestore'
  | 'sessions'
  | 'checklist'
  | 'record'
  | 'evidence'
  | 'exportEvidence'
  | 'signingKey'
  | 'copyEvidence'
  | 'activity'
  | 'activityOfBackup'
  | 'event'
  | 'nextEvent'
  | 'onlyBackup'
  | 'allActions'
  | 'copyEventId'
  | 'copyEvent'
  | 'doStep'
  | 'stepDone'
  | 'stepFailed'
  | 'stepSkipped'
  | 'times'
  | 'stopCheck'
  | 'undo'
  | 'closeSession'
  | 'takeOver'
  | 'decide'
  | 'eraseDecision'
  | 'clearDecision'
  | 'status'
  | 'help'
  | 'palette'
  | 'choose'
  | 'suspend'
  | 'interrupt'
  | 'quit';

export type Binding = {
  id: ActionId;
  keys: string[];
  scope: Scope;
  label: string;
  /** Short form for the line at the bottom; without it, the help screen alone names it. */
  hint?: string;
  dangerous?: boolean;
  /** Why it cannot be done just now; null when it can. */
  disabledReason?: (state: AppState) => string | null;
};

/** What each key does: the handler, the hints at the bottom and the help screen all read this table. */
export const bindings: Binding[] = [
  {id: 'up', keys: ['up', 'k'], scope: 'lists', label: 'up'},
  {id: 'down', keys: ['down', 'j'], scope: 'lists', label: 'down'},
  {id: 'pageUp', keys: ['pageup', 'ctrl+b'], scope: 'lists', label: 'a page up'},
  {id: 'pageDown', keys: ['pagedown', 'ctrl+f'], scope: 'lists', label: 'a page down'},
  {id: 'first', keys: ['g', 'home'], scope: 'lists', label: 'to the first'},
  {id: 'last', keys: ['G', 'end'], scope: 'lists', label: 'to the last'},

  {
    id: 'differences',
    keys: ['enter'],
    scope: 'backups',
    label: 'differences from the live files, or from another backup',
    hint: 'differences',
    disabledReason: needsBackup,
  },
  {
    id: 'verify',
    keys: ['v'],
    scope: 'backups',
    label: 'verify: hash the copies again and compare',
    hint: 'verify',
    disabledReason: needsBackup,
  },
  {
    id: 'restore',
    keys: ['r'],
    scope: 'backups',
    label: 'restore: what it is for, then the plan, which writes nothing; it asks for the id',
    hint: 'restore',
    // One that is at work is shown.
    disabledReason: (state) =>
      restoring(state) || state.stopped ? null : either(needsBackup, needsProject)(state),
  },
  {
    id: 'badSince',
    keys: ['t'],
    scope: 'backups',
    label: 'bad since: when things went wrong; the newest verified backup before it is suggested',
    hint: 'bad since',
  },
  {
    id: 'open',
    keys: ['m'],
    scope: 'backups',
    label: 'open the manifest',
    hint: 'manifest',
    disabledReason: needsBackup,
  },
  {
    id: 'backUp',
    keys: ['b'],
    scope: 'backups',
    label: 'back up: what will be copied, then a label, then go',
    hint: 'back up',
    // One that runs already is shown.
    disabledReason: (state) => (backingUp(state) ? null : either(cannotWrite, busyWriting)(state)),
  },
  {
    id: 'hold',
    keys: ['h'],
    scope: 'backups',
    label: "hold it where no retention reaches it, PHP's included",
    hint: 'hold',
    disabledReason: either(needsBackup, notWhole, cannotWrite, busyWriting),
  },
  {
    id: 'watch',
    keys: ['w'],
    scope: 'backups',
    label: 'go to the verification that is running or was last',
    hint: 'progress',
    disabledReason: (state) => (state.verify ? null : 'nothing has been verified yet'),
  },
  {
    id: 'filter',
    keys: ['/'],
    scope: 'backups',
    label: 'filter by any text of a line; ! in front inverts',
    hint: 'filter',
  },
  {id: 'sortBackup', keys: ['B'], scope: 'backups', label: 'sort by time; again: the other way'},
  {id: 'sortData', keys: ['D'], scope: 'backups', label: 'sort by usable copies'},
  {id: 'sortSize', keys: ['S'], scope: 'backups', label: 'sort by size'},
  {id: 'sortVerified', keys: ['V'], scope: 'backups', label: 'sort by verification, what needs you first'},
  {
    id: 'copyId',
    keys: ['y'],
    scope: 'backups',
    label: "copy the backup's id to your clipboard",
    hint: 'copy id',
    disabledReason: needsBackup,
  },

  {
    id: 'letGo',
    keys: ['u'],
    scope: 'backups',
    label: 'let a held backup go',
    disabledReason: either(needsBackup, notHeld, cannotWrite, busyWriting),
  },
  {
    id: 'prune',
    keys: ['P'],
    scope: 'backups',
    label: 'prune: what retention removes, and why; asks for the count',
    disabledReason: (state) => (pruning(state) ? null : either(cannotWrite, busyWriting)(state)),
  },
  {
    id: 'checklist',
    keys: ['a'],
    scope: 'backups',
    label: 'answer: the checklist of the session that is open',
    disabledReason: needsOpenSession,
  },
  {
    id: 'sessions',
    keys: ['s'],
    scope: 'backups',
    label: 'sessions: every restore that was begun here',
    disabledReason: needsRoot,
  },
  {
    id: 'evidence',
    keys: ['e'],
    scope: 'backups',
    label: 'evidence of how the backup was verified: one file, shown before it is written',
    disabledReason: either(needsBackup, needsProject),
  },
  {
    id: 'activity',
    keys: ['A'],
    scope: 'backups',
    label: 'activity: what the audit log says of backups and restores, newest first',
    disabledReason: needsProject,
  },
  {
    id: 'activityOfBackup',
    keys: ['L'],
    scope: 'backups',
    label: 'log: the activity of this backup alone',
    disabledReason: either(needsBackup, needsProject),
  },
  {
    id: 'config',
    keys: ['c'],
    scope: 'backups',
    label: 'the configuration: every value, and where it came from',
  },

  {id: 'keepFilter', keys: ['enter'], scope: 'filter', label: 'keep the filter'},
  {id: 'eraseFilter', keys: ['backspace'], scope: 'filter', label: 'erase a character'},

  {id: 'giveAnswer', keys: ['enter'], scope: 'answer', label: 'that is the answer', hint: 'done'},
  {id: 'eraseAnswer', keys: ['backspace'], scope: 'answer', label: 'erase a character'},
  {id: 'clearAnswer', keys: ['ctrl+u'], scope: 'answer', label: 'clear the answer', hint: 'clear'},

  {
    id: 'startRun',
    keys: ['enter'],
    scope: 'label',
    label: 'start the backup',
    hint: 'start',
    disabledReason: (state) => (state.run ? whyNotStart(state.run) : 'there is no plan'),
  },
  {id: 'eraseLabel', keys: ['backspace'], scope: 'label', label: 'erase a character'},
  {id: 'clearLabel', keys: ['ctrl+u'], scope: 'label', label: 'clear the label', hint: 'clear'},
  {
    id: 'stopRun',
    keys: ['ctrl+c'],
    scope: 'run',
    label: 'cancel the backup; nothing of it stays',
    hint: 'cancel',
    disabledReason: (state) => (backingUp(state) ? null : 'nothing is running'),
  },
  {
    id: 'verifyMade',
    keys: ['v'],
    scope: 'run',
    label: 'verify the backup that was made',
    hint: 'verify it',
    disabledReason: (state) => (state.run?.progress.result?.id ? null : 'there is no backup yet'),
  },

  {
    id: 'confirmPrune',
    keys: ['enter'],
    scope: 'count',
    label: 'remove, once the count is typed',
    hint: 'remove',
  },
  {id: 'eraseCount', keys: ['backspace'], scope: 'count', label: 'erase a digit'},

  {
    id: 'switchView',
    keys: ['tab', 'enter'],
    scope: 'manifest',
    label: 'table or raw JSON',
    hint: 'table/raw',
  },
  {
    id: 'differences',
    keys: ['d'],
    scope: 'manifest',
    label: 'differences from the live files, or from another backup',
    hint: 'differences',
  },
  {id: 'verify', keys: ['v'], scope: 'manifest', label: 'verify this backup', hint: 'verify'},
  {
    id: 'restore',
    keys: ['r'],
    scope: 'manifest',
    label: 'restore this backup: the plan first, which writes nothing',
    hint: 'restore',
    disabledReason: needsProject,
  },
  {
    id: 'copyHash',
    keys: ['y'],
    scope: 'manifest',
    label: 'copy the recorded hash of the dataset',
    hint: 'copy hash',
  },
  {
    id: 'copyPath',
    keys: ['p'],
    scope: 'manifest',
    label: "copy the path of the dataset's copy",
    hint: 'copy path',
  },

  {
    id: 'verify',
    keys: ['v'],
    scope: 'verify',
    label: 'verify again',
    hint: 'verify again',
    disabledReason: (state) => (verifying(state) || lookingInside(state) ? 'it is still running' : null),
  },
  {
    id: 'stop',
    keys: ['ctrl+c'],
    scope: 'verify',
    label: 'stop the verification; what was not finished is not recorded',
    hint: 'stop',
    disabledReason: (state) => (verifying(state) || lookingInside(state) ? null : 'nothing is running'),
  },

  ...differencesBindings,
  ...walkBindings,
  ...evidenceBindings,
  ...activityBindings,

  {id: 'choose', keys: ['enter'], scope: 'palette', label: 'do it', hint: 'do it'},

  {id: 'back', keys: ['escape'], scope: 'everywhere', label: 'clear the filter, else back', hint: 'back'},
  {id: 'palette', keys: [':'], scope: 'everywhere', label: 'a menu of what can be done here'},
  {id: 'status', keys: ['ctrl+t'], scope: 'everywhere', label: 'status text: two sentences for the phone'},
  {
    id: 'help',
    keys: ['?'],
    scope: 'everywhere',
    label: 'this help',
    hint: 'help',
    disabledReason: ({screens}) => (screens.at(-1) === 'help' ? 'this is it' : null),
  },
  {id: 'suspend', keys: ['ctrl+z'], scope: 'everywhere', label: 'suspend; fg brings it back'},
  {id: 'interrupt', keys: ['ctrl+c'], scope: 'everywhere', label: 'twice: quit'},
  {id: 'quit', keys: ['q'], scope: 'everywhere', label: 'back; at the first screen, quit', hint: 'quit'},
];
