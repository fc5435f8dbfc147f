import {serviceStep} from '../engine/session/checklist.ts';
import type {ActionId, Binding} from './common-keys.ts';
import {type Effects, type Perform, say, withSubject} from './effects.ts';
import {isText} from './keys.ts';
import {fits} from './layout.ts';
import {bindingFor, keyName} from './meaning.ts';
import {isAnswered, type Prompt, unpinWord} from './prompt.ts';
import {lookingInside, restoring} from './reasons.ts';
import {currentScreen, type Screen, type Typing, typingIn} from './screen.ts';
import {activityPerforms} from './screens/activity/perform-activity.ts';
import {isFiltered} from './screens/activity/state.ts';
import {askSince, giveSince} from './screens/backups/since.ts';
import {differencesPerforms} from './screens/differences/perform-differences.ts';
import {evidencePerforms} from './screens/evidence/perform-evidence.ts';
import {exporting} from './screens/evidence/state.ts';
import {helpText} from './screens/help/view.ts';
import {chosenItem} from './screens/palette/state.ts';
import {going, isConfirmed} from './screens/prune/state.ts';
import {restorePerforms} from './screens/restore/perform-restore.ts';
import {replaceAnswer, sessionPerforms} from './screens/sessions/keys.ts';
import {askBack, giveBack, giveTime} from './screens/sessions/perform-times.ts';
import {answeredOf, openSession} from './screens/sessions/state.ts';
import type {AppState} from './state.ts';
import type {AppStore} from './use-store.ts';

function startVerify(id: string, effects: Effects, store: AppStore): void {
  const {verify} = store.get();
  const open = verify?.state === 'running' || (verify?.id === id && lookingInside(store.get()));
  if (!verify || !open) {
    effects.verify(id);
    return;
  }
  store.dispatch({type: 'verify opened'});
  if (verify.id !== id)
    store.dispatch({
      type: 'said',
      message: {text: `${verify.id} is still being verified: wait, or stop it first.`, tone: 'beware'},
    });
}

function quitUnlessBusy(store: AppStore, effects: Effects): void {
  const state = store.get();
  if (state.screens.length > 1) {
    store.dispatch({type: 'key pressed'});
    back(store, effects);
    return;
  }
  const warning = busyWith(state, 'q');
  if (warning === null) effects.quit();
  else askToQuit(store, effects, warning);
}

/** What quitting would cut off, for the operator; null when nothing. */
function busyWith(state: AppState, key: string): string | null {
  const {verify, run, prune, sessions, stopped} = state;
  if (restoring(state))
    return `A restore is at work and goes on without this screen: ${key} again quits; run magds again to see it.`;
  if (run?.state === 'running')
    return `A backup is running: ${key} again cancels it and quits. Nothing of it stays.`;
  if (prune?.state === 'running')
    return `Backups are being removed: ${key} again stops after this one and quits.`;
  if (verify?.state === 'running')
    return `A verification is running: ${key} again stops it and quits. Nothing is harmed.`;
  if (exporting(state)) return `Evidence is being written: ${key} again quits as soon as it is.`;
  if (sessions.checking) return `A step is being checked: ${key} again stops that and quits.`;
  if (stopped)
    return `The restore of session ${stopped.session} still waits for a decision: ${key} again quits, and changes nothing.`;
  const open = openSession(sessions);
  if (open)
    return `Session ${open.number} is not signed off (${answeredOf(open)} answered): ${key} again quits, and it stays open.`;
  return null;
}

/** Quits at the second press, once the question could be read. */
function askToQuit(store: AppStore, effects: Effects, text: string): void {
  if (store.get().quitAsked && effects.painted().quitAsked) effects.quit();
  else store.dispatch({type: 'quit asked', text});
}

const interrupt: Perform = (store, effects) =>
  askToQuit(store, effects, busyWith(store.get(), 'Ctrl+C') ?? 'Ctrl+C again quits.');

function back(store: AppStore, effects: Effects): void {
  const state = store.get();
  const onList = currentScreen(state) === 'backups';
  if (state.prompt && typingIn(state) === 'answer') {
    store.dispatch({type: 'answer given'});
    return;
  }
  if (currentScreen(state) === 'differences') effects.stopComparing('all');
  if (currentScreen(state) === 'difference') effects.stopComparing('dataset');
  if (currentScreen(state) === 'restore') effects.stopPlanning();
  if (currentScreen(state) === 'confirm' && state.restore?.state === 'starting') {
    effects.stopPlanning();
    store.dispatch({type: 'restore held back', plan: null, reasons: []});
    return;
  }
  if (currentScreen(state) === 'activity' && isFiltered(state.activity)) {
    store.dispatch({type: 'filter cleared'});
    return;
  }
  if (onList && (state.backups.typing || state.backups.filter !== ''))
    store.dispatch({type: 'filter cleared'});
  else store.dispatch({type: 'went back'});
}

const chosenDataset = ({manifest}: AppState) => manifest?.manifest?.datasets[manifest.cursor];

function copyField(field: 'hash' | 'backup', store: AppStore, effects: Effects): void {
  const text = chosenDataset(store.get())?.[field];
  if (text) effects.copy(text);
  else store.dispatch({type: 'said', message: {text: 'There is nothing to copy here.', tone: 'plain'}});
}

const notYet = `Type ${unpinWord} to let it go; Esc leaves it held.`;
function stillAsked({kind, id}: Prompt): string {
  if (kind === 'unpin') return notYet;
  if (kind === 'takeOver') return `Type ${id}, the session's number; Esc leaves it where it is.`;
  return 'Say why: whoever finds it in a year has to know.';
}
const onlyHeld = (id: string) =>
  `It is the last of it, PHP has deleted the other. To delete it for good: magds backup unpin ${id} --yes=${id}`;

/** Questions that stay asked where the answer will not do: what is no time is asked for again, with what was typed. */
const staysAsked = new Set<Prompt['kind']>(['since', 'time', 'back', 'replace']);

/** What an answer sets off. */
function answer(prompt: Prompt, store: AppStore, effects: Effects): void {
  const {kind, id, text} = prompt;
  switch (kind) {
    case 'pin':
      effects.hold(id, text.trim());
      break;
    case 'unpin':
      effects.letGo(id);
      break;
    case 'since':
      giveSince(text, store, effects);
      break;
    case 'ticket':
      store.dispatch({type: 'ticket given', text: text.trim()});
      break;
    case 'audit':
      store.dispatch({type: 'audit done without', reason: text.trim()});
      break;
    case 'takeOver':
      effects.takeOver(Number(id));
      break;
    case 'time':
      giveTime(prompt, store, effects);
      break;
    case 'key':
      effects.chooseKey(text.trim());
      break;
    case 'replace':
      replaceAnswer(prompt, store, effects);
      break;
    case 'back':
      giveBack(prompt, store, effects);
      break;
    default: {
      const {opened} = store.get().sessions;
      const note = text.trim() || null;
      if (kind === 'done' && id === serviceStep) askBack(store, prompt);
      else if (opened !== null) effects.answer(opened, {step: id, state: kind, machine: false, note});
    }
  }
}

const performs: Record<ActionId, Perform> = {
  up: (store) => store.dispatch({type: 'moved', how: 'up'}),
  down: (store) => store.dispatch({type: 'moved', how: 'down'}),
  pageUp: (store) => store.dispatch({type: 'moved', how: 'pageUp'}),
  pageDown: (store) => store.dispatch({type: 'moved', how: 'pageDown'}),
  first: (store) => store.dispatch({type: 'moved', how: 'first'}),
  last: (store) => store.dispatch({type: 'moved', how: 'last'}),
  open: withSubject((id, effects) => effects.openManifest(id)),
  verify: withSubject(startVerify),
  stop: (_, effects) => effects.stopVerify(),
  watch: (store) => store.dispatch({type: 'verify opened'}),
  filter: (store) => store.dispatch({type: 'filter opened'}),
  keepFilter: (store) => store.dispatch({type: 'filter kept'}),
  eraseFilter: (store) => store.dispatch({type: 'filter erased'}),
  back,
  sortBackup: (store) => store.dispatch({type: 'sorted', key: 'backup'}),
  sortData: (store) => store.dispatch({type: 'sorted', key: 'data'}),
  sortSize: (store) => store.dispatch({type: 'sorted', key: 'size'}),
  sortVerified: (store) => store.dispatch({type: 'sorted', key: 'verified'}),
  copyId: withSubject((id, effects) => effects.copy(id)),
  copyHash: (store, effects) => copyField('hash', store, effects),
  copyPath: (store, effects) => copyField('backup', store, effects),
  switchView: (store) => store.dispatch({type: 'manifest view switched'}),
  backUp(store, effects) {
    const {run} = store.get();
    store.dispatch({type: 'run opened'});
    if (run?.state !== 'running' && !run?.unseen) effects.planRun();
  },
  startRun(store, effects) {
    const {run} = store.get();
    // What has not been on the screen has not been agreed to.
    if (run && effects.painted().run?.plan === run.plan) effects.run(run.label);
  },
  eraseLabel: (store) => store.dispatch({type: 'label erased'}),
  clearLabel: (store) => store.dispatch({type: 'label cleared'}),
  stopRun(store, effects) {
    store.dispatch({type: 'run stopping'});
    effects.stopRun();
  },
  verifyMade(store, effects) {
    const id = store.get().run?.progress.result?.id;
    if (id) startVerify(id, effects, store);
  },
  hold: withSubject((id, _, store) => {
    const text = store.get().catalog.held.get(id)?.reason ?? '';
    store.dispatch({type: 'asked', kind: 'pin', id, text});
  }),
  letGo: withSubject((id, _, store) => {
    if (store.get().catalog.held.get(id)?.only) say(store, onlyHeld(id), 'beware');
    else store.dispatch({type: 'asked', kind: 'unpin', id, text: ''});
  }),
  giveAnswer(store, effects) {
    const {prompt} = store.get();
    if (!prompt) return;
    if (!isAnswered(prompt)) {
      say(store, stillAsked(prompt), 'beware');
      return;
    }
    if (!staysAsked.has(prompt.kind)) store.dispatch({type: 'answer given'});
    answer(prompt, store, effects);
  },
  eraseAnswer: (store) => store.dispatch({type: 'answer erased'}),
  clearAnswer: (store) => store.dispatch({type: 'answer cleared'}),
  badSince: askSince,
  prune: (_, effects) => effects.planPrune(),
  confirmPrune(store, effects) {
    const {prune} = store.get();
    const painted = effects.painted().prune;
    if (!prune) return;
    // What was on the screen is what goes: the same list, with the count under it.
    const seen = painted?.verdicts === prune.verdicts && isConfirmed(painted);
    if (isConfirmed(prune) && seen) effects.prune(going(prune));
    else say(store, 'Type how many go, then Enter: nothing was removed.', 'beware');
  },
  eraseCount: (store) => store.dispatch({type: 'prune erased'}),
  help: (store) => store.dispatch({type: 'help opened', lines: helpText(store.get().size.columns).length}),
  ...differencesPerforms,
  ...restorePerforms,
  ...sessionPerforms,
  ...evidencePerforms,
  ...activityPerforms,
  config: (store) => store.dispatch({type: 'config opened'}),
  palette: (store) => store.dispatch({type: 'palette opened'}),
  choose(store, effects) {
    const item = chosenItem(store.get());
    store.dispatch({type: 'went back'});
    if (item) attempt(item.binding, store, effects);
  },
  suspend: (_, effects) => effects.suspend(),
  interrupt,
  quit: quitUnlessBusy,
};

function attempt(binding: Binding, store: AppStore, effects: Effects): void {
  const reason = binding.disabledReason?.(store.get()) ?? null;
  if (reason)
    store.dispatch({
      type: 'said',
      message: {text: `${keyName(binding.keys[0] as string)} not now: ${reason}.`, tone: 'plain'},
    });
  else performs[binding.id](store, effects);
}

/** Where typed characters go. */
const typed = {
  filter: 'filter typed',
  answer: 'answer typed',
  label: 'label typed',
  count: 'prune typed',
  purpose: 'field typed',
  word: 'word typed',
  decision: 'decision typed',
} as const;

/** What sets off nothing by itself: a ticket is copied from somewhere. */
const takesPaste = new Set<Typing>(['label', 'answer', 'purpose']);

/**
 * What to do with pasted text: a label, a reason or a ticket takes its one line, everything else refuses it, and a count above
 * all, which is typed so that it is read.
 */
export function paste(store: AppStore, text: string): void {
  const state = store.get();
  if (!fits(state.size)) return;
  store.dispatch({type: 'key pressed'});
  const typing = typingIn(state);
  const line = text.replace(/[\r\n]+$/, '');
  if (!typing || !takesPaste.has(typing) || /\p{Cc}/u.test(line)) {
    say(store, 'Pasted text is ignored here.', 'plain');
    return;
  }
  store.dispatch({type: typed[typing], text: line});
}

/** What works in a terminal that is too small to show anything. */
const blind = new Set<ActionId | undefined>(['quit', 'interrupt', 'suspend']);

/** Milliseconds for which a screen that writes is only looked at: what was typed ahead was not meant for it. */
const settling = 300;

const isSettling = (state: AppState, effects: Effects): boolean =>
  writes.has(currentScreen(state)) && effects.shownFor() < settling;

/** Screens on which a word sets off what changes live files. */
const writes = new Set<Screen>(['confirm', 'stopped']);

/** Turns keys into changes of state and effects; each key sees what the one before it did. */
export function createHandler(store: AppStore, effects: Effects): (key: string) => void {
  return (key) => {
    const state = store.get();
    if (currentScreen(state) === 'status' && key !== 'ctrl+c') {
      store.dispatch({type: 'went back'});
      return;
    }
    const typing = typingIn(state);
    if (isSettling(state, effects) && !['ctrl+c', 'ctrl+z'].includes(key)) return;
    if (typing && isText(key) && fits(state.size) && (typing !== 'count' || /^[0-9]$/.test(key))) {
      store.dispatch({type: 'key pressed'});
      store.dispatch({type: typed[typing], text: key});
      return;
    }
    const binding = bindingFor(state, key);
    // Nothing is obeyed that cannot be seen.
    if (!fits(state.size) && !blind.has(binding?.id)) return;
    if (binding?.id !== 'interrupt' && binding?.id !== 'quit') store.dispatch({type: 'key pressed'});
    if (binding) attempt(binding, store, effects);
  };
}
