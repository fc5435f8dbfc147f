import {move, settle} from '../../kit/scroll.ts';
import {configLayout} from '../../layout.ts';
import type {Screen} from '../../screen.ts';
import {until} from '../../store.ts';
import type {Load, Workplace} from '../../work.ts';
import {type ConfigAction, type ConfigState, configLines, configSlice} from './state.ts';
import {ConfigView} from './View.tsx';

/** Read only when they are asked for, and once it is known what is backed up. */
const loadDatabases: Load<() => Promise<void>> = async ({store, signal, environment}: Workplace) => {
  const {readDatabases} = await import('../../../engine/config/databases.ts');
  return async () => {
    const {root} = store.get().place;
    if (root === null) return;
    await until(store, ({configuration}) => configuration !== null, signal);
    const {configuration} = store.get();
    if (!configuration) return;
    const databases = await readDatabases(root, configuration, process.env, environment);
    store.dispatch(configSlice.to({type: 'databases read', databases}));
  };
};

/** Every value of the configuration, and where it came from. */
export const config: Screen<ConfigState, ConfigAction> = {
  slice: configSlice,
  title: 'Configuration',
  help: null,
  keys: [],
  entries: [
    {
      keys: ['c'],
      label: 'the configuration: every value, and where it came from',
      run(store, reach) {
        store.dispatch(configSlice.open({type: 'config opened'}));
        reach.ask(loadDatabases, (read) => read());
      },
    },
  ],
  View: ConfigView,
  move: (shown, how, state) => ({
    ...shown,
    ...move(shown, how, configLines(state, shown).length, configLayout(state.size).list),
  }),
  fit: (shown, state) => ({
    ...shown,
    ...settle(shown, configLines(state, shown).length, configLayout(state.size).list),
  }),
};
