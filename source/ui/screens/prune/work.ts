import type {Configuration} from '../../../engine/config/configuration.ts';
import {checkMayWrite} from '../../../engine/config/project.ts';
import {phpAfter, planRetention} from '../../../engine/retention/plan.ts';
import {goingIds} from '../../../engine/retention/retention.ts';
import {projectNow, whyReconfigured} from '../../configure.ts';
import {failureText, type Workplace} from '../../work.ts';
import {pruneSlice} from './state.ts';

/** Finds out what retention removes, and removes it. */
export function pruneWork(place: Workplace) {
  const {store, signal, finish} = place;
  /** What was planned with. */
  let planned: Configuration | null = null;
  const ended = (problem: string | null): void =>
    store.dispatch(pruneSlice.to({type: 'prune ended', problem}));

  async function remove(expected: string[]): Promise<string | null> {
    const project = await projectNow(place);
    const changed = await whyReconfigured(planned, project);
    if (changed !== null) return `${changed}: nothing was deleted. Look again (Esc, P).`;
    const {prune} = await import('../../../engine/retention/prune.ts');
    const {tellPruning} = await import('../../../engine/retention/tell-pruning.ts');
    const {announcerOf} = await import('../../../engine/events/announcer.ts');
    const announcer = announcerOf(project, signal);
    const {openWriter} = await import('../../../engine/retention/writer.ts');
    const writer = openWriter({...project, doing: 'backup prune'});
    let untold: string[] = [];
    try {
      const verdicts = planRetention({...project, backups: writer.backups.path}, null);
      const goes = goingIds(verdicts);
      if (goes.join('/') !== expected.join('/'))
        return 'Something has changed since this was shown: nothing was deleted. Look again (Esc, P).';
      const events = prune(writer.state, writer.backups, verdicts, signal);
      for await (const event of tellPruning(events, announcer))
        store.dispatch(pruneSlice.to({type: 'prune event', event}));
    } finally {
      writer.close();
      // Also of what was removed before something failed.
      untold = (await announcer.settle()).problems;
    }
    return untold.length > 0 ? `Not reported: ${untold.join('; ')}` : null;
  }

  return {
    async plan(): Promise<void> {
      const project = await projectNow(place);
      checkMayWrite(project.configuration);
      planned = project.configuration;
      const verdicts = planRetention(project, null);
      const {deletes: php, empties: phpEmpties} = phpAfter(project, verdicts);
      store.dispatch(pruneSlice.open({type: 'prune opened', verdicts, php, phpEmpties}));
    },
    prune: (expected: string[]): void =>
      finish(remove(expected).then(ended, (error: unknown) => ended(failureText(error)))),
  };
}
