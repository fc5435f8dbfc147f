import fs from 'node:fs';
import {type Manifest, parseManifest} from '../../source/engine/storage/manifest/read.ts';
import {wrap} from '../../source/presenters/graphemes.ts';
import {type ManifestState, rawLines} from '../../source/ui/screens/manifest/state.ts';
import {phpJson} from './php-json.ts';

const stats = fs.statSync(import.meta.dirname);

export type ManifestOptions = {
  id: string;
  label?: string;
  names?: string[];
  algorithm?: string;
  hash?: string;
  source?: string;
};

/** A manifest as PHP writes it, read back. */
export function aManifest(options: ManifestOptions): Manifest {
  const {
    id,
    label = '',
    names = ['tenants', 'ledger'],
    algorithm = 'sha256',
    hash = 'ab'.repeat(32),
  } = options;
  const source = options.source ?? '/srv/magmoboce/storage/data';
  const entry = (name: string) => ({
    algorithm,
    hash,
    source: `${source}/${name}`,
    backup: `/srv/magmoboce/storage/backups/${id}/datasets/${name}`,
  });
  const datasets = new Map(names.map((name) => [name, entry(name)]));
  const metadata = {label, connection: 'magdsdb'};
  const text = phpJson({id, created_at: '2026-11-23T12:00:00+00:00', datasets, metadata});
  const parsed = parseManifest(Buffer.from(text));
  if ('reason' in parsed) throw new Error(parsed.reason);
  return {...parsed, stats};
}

/** The manifest's screen as it opens at this width. */
export function openedManifest(manifest: Manifest, id: string, columns = 80): ManifestState {
  const text = rawLines(manifest.text);
  const raw = wrap(text, columns - 2);
  return {
    id,
    manifest,
    reason: null,
    text,
    raw,
    view: 'table',
    cursor: 0,
    top: 0,
    rawTop: 0,
    results: new Map(),
  };
}
