import type {Row} from '../../../engine/catalog/row.ts';
import {knownResults} from '../../../engine/catalog/verification.ts';
import type {DatasetResult} from '../../../engine/storage/dataset.ts';
import {directoryOf, heldDirectory} from '../../../engine/storage/held.ts';
import {readManifest, readRawManifest} from '../../../engine/storage/manifest/read.ts';
import {rowIn} from '../../../presenters/catalog.ts';
import {wrap} from '../../../presenters/graphemes.ts';
import {rawWidth} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {type ManifestState, manifestSlice, rawLines} from './state.ts';

/** What each dataset's last verification said: this session's, else the record's. */
function resultsOf({verify, catalog}: AppState, id: string, directory: string) {
  const session = verify?.id === id ? verify.progress.results?.[0]?.datasets : undefined;
  if (session) return new Map(session.map((dataset) => [dataset.name, dataset]));
  const row = rowIn(catalog, id);
  return row ? knownResults(directory, row.verification) : new Map<string, DatasetResult>();
}

/** Reads a manifest for the screen; one that cannot be parsed is still shown as it is. */
function readFor(state: AppState, id: string): ManifestState {
  const {place, size, catalog} = state;
  const directory = directoryOf(place.backups, heldDirectory(place.root), id);
  const read = readManifest(directory);
  const manifest = read.state === 'read' ? read.manifest : null;
  const reason =
    read.state === 'unreadable'
      ? read.reason
      : read.state === 'missing'
        ? catalog.ids.includes(id)
          ? (rowIn(catalog, id)?.reason ?? 'no manifest.json')
          : 'this backup is gone: it was deleted or moved'
        : null;
  const text = manifest?.text ?? readRawManifest(directory) ?? '';
  const lines = text === '' ? [] : rawLines(text);
  return {
    id,
    manifest,
    reason,
    text: lines,
    raw: wrap(lines, rawWidth(size)),
    view: 'table',
    cursor: 0,
    top: 0,
    rawTop: 0,
    results: resultsOf(state, id, directory),
  };
}

/** Reads the manifest of a backup, and reads it again when its row changes, or goes. */
export function manifestWork({store, signal}: Workplace) {
  let seen: {id: string; row: Row | undefined} | null = null;
  const follow = (): void => {
    const opened = manifestSlice.of(store.get());
    if (!opened) return;
    const {id} = opened;
    const row = rowIn(store.get().catalog, id);
    const changed = seen?.id === id && seen.row !== row;
    seen = {id, row};
    if (changed)
      store.dispatch(manifestSlice.to({type: 'manifest reread', manifest: readFor(store.get(), id)}));
  };
  signal.addEventListener('abort', store.subscribe(follow));
  return {
    open: (id: string): void =>
      store.dispatch(manifestSlice.open({type: 'manifest opened', manifest: readFor(store.get(), id)})),
  };
}
