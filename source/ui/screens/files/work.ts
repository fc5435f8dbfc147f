import path from 'node:path';
import {formatBytes} from '../../../engine/base/format.ts';
import {configuredAlgorithm} from '../../../engine/config/configuration.ts';
import {checkLying} from '../../../engine/content/check.ts';
import {directoryOf, heldDirectory} from '../../../engine/storage/held.ts';
import {lyingIn, lyingName, type SourceNames, sourceNames} from '../../../engine/storage/manifest/lying.ts';
import {CancelledExtract, extract} from '../../../engine/verify/extract.ts';
import {said, type Workplace} from '../../work.ts';
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

  constructor(place: Workplace) {
    this.#place = place;
    place.signal.addEventListener('abort', () => this.stop());
  }

  stop(): void {
    this.#looking.abort();
  }

  get #sources(): SourceNames {
    return sourceNames(this.#place.store.get().configuration?.datasets.value ?? []);
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

  /** @param to as it was typed; from where the program was called, where it is no absolute path */
  extract(id: string, dataset: string, to: string): void {
    this.#place.finish(this.#extract(id, dataset, path.resolve(to)));
  }

  async #extract(id: string, dataset: string, to: string): Promise<void> {
    const {store, signal, tell} = this.#place;
    const {place, configuration} = store.get();
    tell(`${dataset} is being copied to ${to} ...`, 'plain');
    try {
      const {files} = await extract(
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
        () => {},
      );
      const bytes = files.reduce((sum, each) => sum + each.bytes, 0);
      const proof = files.find((each) => each.proof !== 'match')?.proof ?? 'match';
      const many = files.length === 1 ? '' : `${files.length} files, `;
      tell(`${dataset} is in ${to}: ${many}${formatBytes(bytes)}, ${proofs[proof]}.`, 'plain');
    } catch (error) {
      if (!(error instanceof CancelledExtract)) throw error;
      tell('Stopped. Nothing was written.', 'plain');
    }
  }
}
