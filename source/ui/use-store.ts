import {useSyncExternalStore} from 'react';
import type {AppAction, AppState} from './state.ts';
import type {Store} from './store.ts';

export type AppStore = Store<AppState, AppAction>;

export const useAppState = (store: AppStore): AppState => useSyncExternalStore(store.subscribe, store.get);
