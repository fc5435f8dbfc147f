import {planRun} from '../../../engine/backup/plan.ts';
import {checkEnabled, checkMayWrite} from '../../../engine/config/project.ts';
import {failureText, inTurn, projectOf, type Workplace} from '../../work.ts';
import {runSlice} from './state.ts';

/** Plans a backup, and makes it. */
export function runWork({store, signal: over, pool, finish}: Workplace) {
  const running = inTurn(over);
  const refuse = (error: unknown): void =>
    store.dispatch(runSlice.to({type: 'run refused', problem: failureText(error)}));

  async function run(label: string): Promise<void> {
    const signal = running.begin();
    const began = performance.now();
    const options = {...projectOf(store), label, strict: false, pool: pool(), signal};
    const {runAndTell} = await import('../../../engine/backup/tell-run.ts');
    for await (const event of runAndTell(options))
      store.dispatch(runSlice.to({type: 'run event', event, seconds: (performance.now() - began) / 1000}));
  }

  return {
    /** The screen first, then what may take a while. */
    plan(): void {
      setTimeout(async () => {
        try {
          const project = projectOf(store);
          checkMayWrite(project.configuration);
          checkEnabled(project.configuration);
          const plan = await planRun(project, '');
          store.dispatch(runSlice.to({type: 'run planned', plan}));
        } catch (error) {
          refuse(error);
        }
      });
    },
    run: (label: string): void => finish(run(label).catch(refuse)),
    stop: running.stop,
  };
}
