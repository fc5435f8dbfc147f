import {type AppState, currentScreen} from '../state/app.ts';

export type Scope =
  | 'everywhere'
  | 'lists'
  | 'backups'
  | 'filter'
  | 'manifest'
  | 'verify'
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

const needsBackup = (state: AppState) => (state.backups.selected === null ? 'there is no backup here' : null);
const running = (state: AppState) => state.verify?.state === 'running';

/** What each key does: the handler, the hints at the bottom and the help screen all read this table. */
export const bindings: Binding[] = [
  {id: 'up', keys: ['up', 'k'], scope: 'lists', label: 'up'},
  {id: 'down', keys: ['down', 'j'], scope: 'lists', label: 'down'},
  {id: 'pageUp', keys: ['pageup', 'ctrl+b'], scope: 'lists', label: 'a page up'},
  {id: 'pageDown', keys: ['pagedown', 'ctrl+f'], scope: 'lists', label: 'a page down'},
  {id: 'first', keys: ['g', 'home'], scope: 'lists', label: 'to the first'},
  {id: 'last', keys: ['G', 'end'], scope: 'lists', label: 'to the last'},

  {
    id: 'open',
    keys: ['enter'],
    scope: 'backups',
    label: 'open the manifest',
    hint: 'manifest',
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
    id: 'config',
    keys: ['c'],
    scope: 'backups',
    label: 'the configuration: every value, and where it came from',
  },

  {id: 'keepFilter', keys: ['enter'], scope: 'filter', label: 'keep the filter'},
  {id: 'eraseFilter', keys: ['backspace'], scope: 'filter', label: 'erase a character'},

  {
    id: 'switchView',
    keys: ['tab', 'enter'],
    scope: 'manifest',
    label: 'table or raw JSON',
    hint: 'table/raw',
  },
  {id: 'verify', keys: ['v'], scope: 'manifest', label: 'verify this backup', hint: 'verify'},
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
    disabledReason: (state) => (running(state) ? 'it is still running' : null),
  },
  {
    id: 'stop',
    keys: ['ctrl+c'],
    scope: 'verify',
    label: 'stop the verification; nothing is recorded',
    hint: 'stop',
    disabledReason: (state) => (running(state) ? null : 'nothing is running'),
  },

  {id: 'choose', keys: ['enter'], scope: 'palette', label: 'do it', hint: 'do it'},

  {id: 'back', keys: ['escape'], scope: 'everywhere', label: 'clear the filter, else back', hint: 'back'},
  {id: 'palette', keys: [':'], scope: 'everywhere', label: 'a menu of what can be done here'},
  {id: 'help', keys: ['?'], scope: 'everywhere', label: 'this help', hint: 'help'},
  {id: 'suspend', keys: ['ctrl+z'], scope: 'everywhere', label: 'suspend; fg brings it back'},
  {id: 'interrupt', keys: ['ctrl+c'], scope: 'everywhere', label: 'twice: quit'},
  {id: 'quit', keys: ['q'], scope: 'everywhere', label: 'back; at the first screen, quit', hint: 'quit'},
];

/** The scopes that are listened to, nearest first. */
export function scopesOf(state: AppState): Scope[] {
  const screen = currentScreen(state);
  if (screen === 'backups' && state.backups.typing) return ['filter', 'everywhere'];
  return [screen, 'lists', 'everywhere'];
}

/** The binding a key means now: the nearest scope's that is not disabled, else one with its reason. */
export function bindingFor(state: AppState, key: string): Binding | null {
  const found = scopesOf(state).flatMap((scope) =>
    bindings.filter((binding) => binding.scope === scope && binding.keys.includes(key)),
  );
  return found.find((binding) => !binding.disabledReason?.(state)) ?? found[0] ?? null;
}

const names: Record<string, string> = {
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  up: 'Up',
  down: 'Down',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  backspace: 'Backspace',
};

/** A key as it is written on the screen: `Enter`, `^C`, `j`. */
export const keyName = (key: string): string =>
  names[key] ?? (key.startsWith('ctrl+') ? `^${key.slice(5).toUpperCase()}` : key);

/** What the line at the bottom names: what can be done now, in the table's order. `always`: the way out, and help. */
export function hints(state: AppState): {key: string; hint: string; always: boolean}[] {
  const root = state.screens.length === 1;
  return scopesOf(state)
    .flatMap((scope) => bindings.filter((binding) => binding.scope === scope))
    .filter((binding) => binding.hint && !binding.disabledReason?.(state))
    .filter(({id}) => (root ? id !== 'back' || state.backups.filter !== '' : id !== 'quit'))
    .map(({keys, hint, scope}) => ({
      key: keyName(keys[0] as string),
      hint: hint as string,
      always: scope === 'everywhere',
    }));
}
