import {planRun} from '../../../engine/backup/plan.ts';
import {exitCode, Problem} from '../../../engine/base/problem.ts';
import type {Configuration} from '../../../engine/config/configuration.ts';
import {checkEnabled, checkMayWrite} from '../../../engine/config/project.ts';
import {projectNow, whyReconfigured} from '../../configure.ts';
import {failureText, inTurn, type Workplace} from '../../work.ts';
import {runSlice} from './state.ts';

/** Plans a backup, and makes it. */
export function runWork(place: Workplace) {
  const {store, signal: over, pool, finish} = place;
  /** What was planned with. */
  let planned: Configuration | null = null;
  const running = inTurn(over);
  const refuse = (error: unknown): void =>
    store.dispatch(runSlice.to({type: 'run refused', problem: failureText(error)}));

  async function run(label: string): Promise<void> {
    const signal = running.begin();
    const began = performance.now();
    const project = await projectNow(place);
    const changed = await whyReconfigured(planned, project);
    if (changed !== null)
      throw new Problem(exitCode.failed, `${changed}: nothing was backed up. Look again (Esc, b).`);
    const options = {...project, label, strict: false, pool: pool(), signal};
    const {runAndTell} = await import('../../../engine/backup/tell-run.ts');
    for await (const event of runAndTell(options))
      store.dispatch(runSlice.to({type: 'run event', event, seconds: (performance.now() - began) / 1000}));
  }

  return {
    /** The screen first, then what may take a while. */
    plan(): void {
      setTimeout(async () => {
        try {
          const project = await projectNow(place);
          planned = project.configuration;
          checkMayWrite(project.configuration);
          checkEnabled(project.configuration);
          const plan = await planRun(project, '', {dry: true});
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
