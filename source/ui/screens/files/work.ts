import path from 'node:path';
import type {FinishResult} from '../../../engine/backup/finish.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import {configuredAlgorithm} from '../../../engine/config/configuration.ts';
import {checkLying} from '../../../engine/content/check.ts';
import {directoryOf, heldDirectory} from '../../../engine/storage/held.ts';
import {lyingIn, lyingName, type SourceNames} from '../../../engine/storage/manifest/lying.ts';
import {CancelledExtract} from '../../../engine/verify/extract.ts';
import {extractAndTell} from '../../../engine/verify/tell-extract.ts';
import {finishEnding} from '../../../presenters/finish-outcome.ts';
import {untold as untoldOf} from '../../../presenters/sentence.ts';
import {sourcesOf} from '../../facts.ts';
import {currentScreen} from '../../state.ts';
import {projectOf, said, type Workplace} from '../../work.ts';
import {filesSlice} from './state.ts';

const proofs = {
  match: 'what was backed up',
  mismatch: 'not what was backed up',
  none: 'nothing says what was backed up',
};

/** Looks into backups without a manifest, and copies datasets out of backups. */
export class FilesWork {
  readonly #place: Workplace;
  #looking = new AbortController();
  #finishing = new AbortController();

  constructor(place: Workplace) {
    this.#place = place;
    place.signal.addEventListener('abort', () => this.stop());
  }

  /** Also what is being made a backup, of which nothing stays then. */
  stop(): void {
    this.#looking.abort();
    this.#finishing.abort();
  }

  get #sources(): SourceNames {
    return sourcesOf(this.#place.store.get());
  }

  look(id: string): void {
    this.stop();
    this.#looking = new AbortController();
    const {signal} = this.#looking;
    // A private copy of a database is removed before the program ends.
    this.#place.finish(
      this.#look(id, signal).catch((error: unknown) => {
        if (!signal.aborted)
          this.#place.store.dispatch(filesSlice.to({type: 'files failed', problem: said(error)}));
      }),
    );
  }

  async #look(id: string, signal: AbortSignal): Promise<void> {
    const {store} = this.#place;
    const {place, readOnly} = store.get();
    const held = heldDirectory(place.root);
    const directory = directoryOf(place.backups, held, id);
    const files = lyingIn(directory).map((file) => ({
      name: lyingName(file, this.#sources),
      path: file.segments.slice(1).join('/'),
      bytes: file.bytes,
      mtimeMs: file.mtimeMs,
    }));
    store.dispatch(filesSlice.to({type: 'files listed', files}));
    const options = {backups: place.backups, held, root: place.root, id, readOnly, signal};
    for await (const event of checkLying(options, this.#sources))
      if (!signal.aborted) store.dispatch(filesSlice.to({type: 'files looked into', event}));
  }

  /** Writes the manifest that a backup lacks, for what lies in it whole. */
  finish(id: string): void {
    this.#finishing = new AbortController();
    this.#place.finish(this.#finish(id, this.#finishing.signal));
  }

  async #finish(id: string, signal: AbortSignal): Promise<void> {
    const {store, tell} = this.#place;
    const project = projectOf(store);
    store.dispatch(filesSlice.to({type: 'finish began'}));
    try {
      const {finishAndTell} = await import('../../../engine/backup/tell-finish.ts');
      const options = {...project, id, dryRun: false, readOnly: false, pool: this.#place.pool(), signal};
      for await (const event of finishAndTell(options)) {
        if (event.type === 'finished') this.#ended(event.result);
        else store.dispatch(filesSlice.to({type: 'finish event', event}));
      }
    } catch (error) {
      tell(said(error), 'bad');
    } finally {
      store.dispatch(filesSlice.to({type: 'finish ended'}));
    }
  }

  /** It is a backup now, that the list has more to say of. */
  #ended(result: FinishResult): void {
    const {store, tell} = this.#place;
    const {text} = finishEnding(result);
    if (result.outcome !== 'done') {
      tell(text, 'plain');
      return;
    }
    this.stop();
    const state = store.get();
    if (currentScreen(state) === 'files' && filesSlice.of(state)?.id === result.id)
      store.dispatch({type: 'went back'});
    const problems = untoldOf(result.untold).map((each) => ` ${each.text}.`);
    tell(
      `${text} v verifies it, r restores from it.${problems.join('')}`,
      problems.length > 0 ? 'beware' : 'plain',
    );
  }

  /** @param to as it was typed; from where the program was called, where it is no absolute path */
  extract(id: string, dataset: string, to: string): void {
    this.#place.finish(this.#extract(id, dataset, path.resolve(to)));
  }

  async #extract(id: string, dataset: string, to: string): Promise<void> {
    const {store, signal, tell} = this.#place;
    const {place, configuration} = store.get();
    tell(`${dataset} is being copied to ${to} ...`, 'plain');
    try {
      const {root, backups} = place;
      const project = root !== null && configuration ? {root, backups, configuration} : null;
      const {files, untold} = await extractAndTell(
        {
          backups: place.backups,
          held: heldDirectory(place.root),
          id,
          dataset,
          to,
          algorithm: configuredAlgorithm(configuration),
          sources: this.#sources,
          evenDamaged: false,
          pool: this.#place.pool(),
          signal,
        },
        project,
        () => {},
      );
      const bytes = files.reduce((sum, each) => sum + each.bytes, 0);
      const proof = files.find((each) => each.proof !== 'match')?.proof ?? 'match';
      const many = files.length === 1 ? '' : `${files.length} files, `;
      const problems = untoldOf(untold).map(({text}) => ` ${text}.`);
      const tone = problems.length > 0 ? 'beware' : 'plain';
      tell(
        `${dataset} is in ${to}: ${many}${formatBytes(bytes)}, ${proofs[proof]}.${problems.join('')}`,
        tone,
      );
    } catch (error) {
      if (!(error instanceof CancelledExtract)) throw error;
      tell('Stopped. Nothing was written.', 'plain');
    }
  }
}
