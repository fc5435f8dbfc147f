import {type Perform, withSubject} from '../../screen.ts';
import {activitySlice} from './state.ts';

/** Opens the audit log of everything. */
export const openActivity: Perform = (store, effects) => {
  store.dispatch(activitySlice.open({type: 'activity opened', backup: null}));
  effects.work.activity((each) => each.follow());
};

/** Opens what the audit log says of the chosen backup. */
export const openActivityOfBackup = withSubject((id, effects, store) => {
  store.dispatch(activitySlice.open({type: 'activity opened', backup: id}));
  effects.work.activity((each) => each.follow());
});
