import {readManifest, readRawManifest} from '../engine/manifest/read.ts';
import type {AppState} from '../state/app.ts';
import {rawWidth} from '../state/layout.ts';
import {type ManifestState, rawLines, wrap} from '../state/manifest-view.ts';

/** Reads a manifest for the screen; one that cannot be parsed is still shown as it is. */
export function openManifest({place, size, catalog}: AppState, id: string): ManifestState {
  const directory = `${place.backups}/${id}`;
  const read = readManifest(directory);
  const manifest = read.state === 'read' ? read.manifest : null;
  const reason =
    read.state === 'unreadable'
      ? read.reason
      : read.state === 'missing'
        ? (catalog.rows.get(id)?.reason ?? 'no manifest.json')
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
    results: new Map(),
  };
}
