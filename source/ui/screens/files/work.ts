import path from 'node:path';
import type {FinishResult} from '../../../engine/backup/finish.ts';
import {typedPath} from '../../../engine/base/files.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import {configuredAlgorithm} from '../../../engine/config/configuration.ts';
import {checkLying} from '../../../engine/content/check.ts';
import {directoryOf, heldDirectory} from '../../../engine/storage/held.ts';
import {lyingIn, lyingName} from '../../../engine/storage/manifest/lying.ts';
import {CancelledExtract} from '../../../engine/verify/extract.ts';
import {extractAndTell} from '../../../engine/verify/tell-extract.ts';
import {finishEnding} from '../../../presenters/finish-outcome.ts';
import {untold as untoldOf} from '../../../presenters/sentence.ts';
import {projectNow} from '../../configure.ts';
import {sourcesOf} from '../../facts.ts';
import {currentScreen} from '../../state.ts';
import {failureText, inTurn, type Workplace} from '../../work.ts';
import {filesSlice} from './state.ts';

const proofs = {
  match: 'what was backed up',
  mismatch: 'not what was backed up',
  none: 'nothing says what was backed up',
};

/** Looks into backups without a manifest, and copies datasets out of backups. */
export function filesWork(workplace: Workplace) {
  const {store, signal: over, pool, finish, tell} = workplace;
  const looking = inTurn(over);
  const finishing = inTurn(over);

  /** Also what is being made a backup, of which nothing stays then. */
  function stop(): void {
    looking.stop();
    finishing.stop();
  }

  async function lookInto(id: string, signal: AbortSignal): Promise<void> {
    const {place, readOnly} = store.get();
    const held = heldDirectory(place.root);
    const sources = sourcesOf(store.get());
    const files = lyingIn(directoryOf(place.backups, held, id)).map((file) => ({
      name: lyingName(file, sources),
      path: file.segments.slice(1).join('/'),
      bytes: file.bytes,
      mtimeMs: file.mtimeMs,
    }));
    store.dispatch(filesSlice.to({type: 'files listed', files}));
    const options = {backups: place.backups, held, root: place.root, id, readOnly, signal};
    for await (const event of checkLying(options, sources))
      if (!signal.aborted) store.dispatch(filesSlice.to({type: 'files looked into', event}));
  }

  async function finishBackup(id: string, signal: AbortSignal): Promise<void> {
    const project = await projectNow(workplace);
    store.dispatch(filesSlice.to({type: 'finish began'}));
    try {
      const {finishAndTell} = await import('../../../engine/backup/tell-finish.ts');
      const options = {...project, id, dryRun: false, readOnly: false, pool: pool(), signal};
      for await (const event of finishAndTell(options)) {
        if (event.type === 'finished') ended(event.result);
        else store.dispatch(filesSlice.to({type: 'finish event', event}));
      }
    } catch (error) {
      tell(failureText(error), 'bad');
    } finally {
      store.dispatch(filesSlice.to({type: 'finish ended'}));
    }
  }

  /** It is a backup now, that the list has more to say of. */
  function ended(result: FinishResult): void {
    const {text} = finishEnding(result);
    if (result.outcome !== 'done') {
      tell(text, 'plain');
      return;
    }
    stop();
    const state = store.get();
    // A path that is being typed is typed to its end.
    if (currentScreen(state) === 'files' && filesSlice.of(state)?.id === result.id && !state.prompt)
      store.dispatch({type: 'went back'});
    const problems = untoldOf(result.untold).map((each) => ` ${each.text}.`);
    tell(
      `${text} v verifies it, r restores from it.${problems.join('')}`,
      problems.length > 0 ? 'beware' : 'plain',
    );
  }

  async function copyOut(id: string, dataset: string, to: string): Promise<void> {
    const {place, configuration} = store.get();
    tell(`${dataset} is being copied to ${to} ...`, 'plain');
    store.dispatch({type: 'extract began', dataset});
    try {
      const {root, backups} = place;
      const project = root !== null && configuration ? {root, backups, configuration} : null;
      const {files, untold} = await extractAndTell(
        {
          backups,
          held: heldDirectory(root),
          id,
          dataset,
          to,
          algorithm: configuredAlgorithm(configuration),
          sources: sourcesOf(store.get()),
          evenDamaged: false,
          pool: pool(),
          signal: over,
        },
        project,
        () => {},
      );
      const bytes = files.reduce((sum, each) => sum + each.bytes, 0);
      const proof = files.find((each) => each.proof !== 'match')?.proof ?? 'match';
      const many = files.length === 1 ? '' : `${files.length} files, `;
      const problems = untoldOf(untold).map(({text}) => ` ${text}.`);
      tell(
        `${dataset} is in ${to}: ${many}${formatBytes(bytes)}, ${proofs[proof]}.${problems.join('')}`,
        problems.length > 0 ? 'beware' : 'plain',
      );
    } catch (error) {
      if (!(error instanceof CancelledExtract)) throw error;
      tell('Stopped. Nothing was written.', 'plain');
    } finally {
      store.dispatch({type: 'extract ended', dataset});
    }
  }

  return {
    stop,
    look(id: string): void {
      stop();
      const signal = looking.begin();
      // A private copy of a database is removed before the program ends.
      finish(
        lookInto(id, signal).catch((error: unknown) => {
          if (!signal.aborted)
            store.dispatch(filesSlice.to({type: 'files failed', problem: failureText(error)}));
        }),
      );
    },
    /** Writes the manifest that a backup lacks, for what lies in it whole. */
    finish: (id: string): void => finish(finishBackup(id, finishing.begin())),
    /** @param to as it was typed; from where the program was called, where it is no absolute path */
    extract: (id: string, dataset: string, to: string): void =>
      finish(copyOut(id, dataset, path.resolve(typedPath(to)))),
  };
}
