import {type Binding, type Perform, type Reach, say, withSubject} from '../../screen.ts';
import type {AppState, AppStore} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {activitySlice, chosenLine} from './state.ts';

export const loadActivity = async (place: Workplace) => (await import('./work.ts')).activityWork(place);

/** Bytes of text that terminals take into a clipboard, as far as is known of them. */
const mostCopied = 50_000;

function copy(text: string, store: AppStore, reach: Reach): void {
  if (text === '') say(store, 'There is nothing to copy here.', 'plain');
  else if (text.length <= mostCopied) reach.copy(text);
  else {
    const told = `It has ${text.length} characters, more than a terminal takes: magds activity --json`;
    say(store, told, 'beware');
  }
}

/** Opens the audit log of everything. */
export const openActivity: Perform = (store, reach) => {
  store.dispatch(activitySlice.open({type: 'activity opened', backup: null}));
  reach.ask(loadActivity, (work) => work.follow());
};

/** Opens what the audit log says of the chosen backup. */
export const openActivityOfBackup = withSubject((id, reach, store) => {
  store.dispatch(activitySlice.open({type: 'activity opened', backup: id}));
  reach.ask(loadActivity, (work) => work.follow());
});

const needsLine = (state: AppState): string | null =>
  chosenLine(activitySlice.of(state)) ? null : 'there is no event here';

const noEvents = (state: AppState): string | null => {
  const activity = activitySlice.of(state);
  return activity.event !== null || activity.lines.some(({action}) => action !== '')
    ? null
    : 'there is no event here';
};

const ofNoBackup = (state: AppState): string | null => {
  const activity = activitySlice.of(state);
  return activity.backup !== null || chosenLine(activity)?.backup ? null : 'it is about no backup';
};

export const activityKeys: Binding[] = [
  {
    keys: ['enter'],
    label: 'show the whole line of the log',
    hint: 'show',
    why: needsLine,
    run: (store) => store.dispatch(activitySlice.open({type: 'event opened'}, 'event')),
  },
  {
    keys: ['/'],
    label: 'filter by any text of a line; ! in front inverts',
    hint: 'filter',
    why: (state) => (activitySlice.of(state).lines.length > 0 ? null : 'there is nothing to filter'),
    run: (store) => store.dispatch(activitySlice.to({type: 'filter opened'})),
  },
  {
    keys: ['f', 'tab'],
    label: 'filter by event: the next one of those that were read, after the last all again',
    hint: 'event',
    why: noEvents,
    run: (store) => store.dispatch(activitySlice.to({type: 'next event sought'})),
  },
  {
    keys: ['b'],
    label: 'only the backup of this line; again: all',
    hint: 'backup',
    why: ofNoBackup,
    run: (store) => store.dispatch(activitySlice.to({type: 'activity of backup'})),
  },
  {
    keys: ['a'],
    label: 'all actions of the site, or only those of backups and restores (magdb.)',
    hint: (state) => (activitySlice.of(state).onlyOurs ? 'all actions' : 'only backups'),
    run(store, reach) {
      store.dispatch(activitySlice.to({type: 'activity widened'}));
      reach.ask(loadActivity, (work) => work.follow());
    },
  },
  {
    keys: ['y'],
    label: "copy the event's id, else the line, to your clipboard",
    hint: 'copy id',
    why: needsLine,
    run(store, reach) {
      const line = chosenLine(activitySlice.of(store.get()));
      if (line) copy(line.id ?? line.text, store, reach);
    },
  },
];

export const eventKeys: Binding[] = [
  {
    keys: ['y'],
    label: 'copy the line as it stands in the log to your clipboard',
    hint: 'copy line',
    run(store, reach) {
      const {opened} = activitySlice.of(store.get());
      if (opened) copy(opened.line.text, store, reach);
    },
  },
];
