import {configuredAlgorithm} from '../../../engine/config/configuration.ts';
import type {DatasetResult} from '../../../engine/storage/dataset.ts';
import {heldDirectory} from '../../../engine/storage/held.ts';
import {checkNotLed} from '../../../engine/storage/runbook/way.ts';
import {tellVerification} from '../../../engine/verify/tell-verification.ts';
import {verify} from '../../../engine/verify/verify.ts';
import {inTurn, type Workplace} from '../../work.ts';

/** Runs verifications, one at a time, and looks into what was verified. */
export function verifyWork({store, signal: over, pool, finish}: Workplace) {
  const verifying = inTurn(over);
  let last: AbortSignal;

  async function verifyBackup(id: string): Promise<void> {
    const {place, readOnly, configuration} = store.get();
    const {root, backups} = place;
    // What is found is written beside the backups.
    if (root !== null && !readOnly) checkNotLed(root, backups);
    // What is in the one before may still be looked into.
    const signal = verifying.begin();
    last = signal;
    store.dispatch({type: 'verify started', id});
    const began = performance.now();
    const held = heldDirectory(root);
    const events = verify({
      root,
      backups,
      held,
      ids: [id],
      algorithm: configuredAlgorithm(configuration),
      pool: pool(),
      signal,
      record: !readOnly,
    });
    const project = root !== null && configuration && !readOnly ? {root, backups, configuration} : null;
    let datasets: DatasetResult[] = [];
    for await (const event of tellVerification(events, project, signal)) {
      store.dispatch({type: 'verify event', event, seconds: (performance.now() - began) / 1000});
      if (event.type === 'backup') datasets = event.result.datasets;
    }
    if (signal.aborted) return;
    const {checkContent} = await import('../../../engine/content/check.ts');
    for await (const event of checkContent({id, datasets, backups, held, root, readOnly, signal}))
      if (last === signal) store.dispatch({type: 'content event', event});
  }

  return {
    /** A private copy that is looked into goes before the program does. */
    verify: (id: string): void => finish(verifyBackup(id)),
    stop: verifying.stop,
  };
}
