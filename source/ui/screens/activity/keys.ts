import type {Binding} from '../../common-keys.ts';
import type {AppState} from '../../state.ts';
import {chosenLine} from './lines.ts';

const needsLine = ({activity}: AppState): string | null =>
  chosenLine(activity) ? null : 'there is no event here';

const noEvents = ({activity}: AppState): string | null =>
  activity.event !== null || activity.lines.some(({action}) => action !== '')
    ? null
    : 'there is no event here';

const ofNoBackup = ({activity}: AppState): string | null =>
  activity.backup !== null || chosenLine(activity)?.backup ? null : 'it is about no backup';

/** The keys of the screens that show the audit log. */
export const activityBindings: Binding[] = [
  {
    id: 'event',
    keys: ['enter'],
    scope: 'activity',
    label: 'show the whole line of the log',
    hint: 'show',
    disabledReason: needsLine,
  },
  {
    id: 'filter',
    keys: ['/'],
    scope: 'activity',
    label: 'filter by any text of a line; ! in front inverts',
    hint: 'filter',
  },
  {
    id: 'nextEvent',
    keys: ['f', 'tab'],
    scope: 'activity',
    label: 'filter by event: the next one of those that were read, after the last all again',
    hint: 'event',
    disabledReason: noEvents,
  },
  {
    id: 'onlyBackup',
    keys: ['b'],
    scope: 'activity',
    label: 'only the backup of this line; again: all',
    hint: 'backup',
    disabledReason: ofNoBackup,
  },
  {
    id: 'allActions',
    keys: ['a'],
    scope: 'activity',
    label: 'all actions of the site, or only those of backups and restores (magdb.)',
    hint: 'all actions',
  },
  {
    id: 'copyEventId',
    keys: ['y'],
    scope: 'activity',
    label: "copy the event's id, else the line, to your clipboard",
    hint: 'copy id',
    disabledReason: needsLine,
  },
  {
    id: 'copyEvent',
    keys: ['y'],
    scope: 'event',
    label: 'copy the line as it stands in the log to your clipboard',
    hint: 'copy line',
  },
];
