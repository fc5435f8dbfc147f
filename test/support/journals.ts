import type {Journal, JournalItem} from '../../source/engine/session/journal.ts';

const stamp = (ino: number) => ({dev: '1', ino: String(ino), size: 4, mtimeNs: '1000'});

/** What a journal says of a file that is written over; nothing of it is on the disk. */
export const anItem = (dataset: string, changes: Partial<JournalItem> = {}): JournalItem => ({
  dataset,
  role: 'dataset',
  volatile: false,
  place: {
    path: `/srv/magmoboce/storage/data/${dataset}.json`,
    base: '/srv/magmoboce/storage',
    segments: ['data', `${dataset}.json`],
  },
  algorithm: 'sha256',
  old: {kind: 'file', stamp: stamp(1), hash: 'ab', mode: 0o640, uid: 0, gid: 0},
  new: {copy: ['datasets', `${dataset}.json`], hash: 'cd', bytes: 4, mode: 0o644, stamp: stamp(2)},
  temporary: `.${dataset}.json.magds-1-new`,
  aside: `.${dataset}.json.magds-1-old`,
  safety: dataset,
  ...changes,
});

export const aJournal = (changes: Partial<Journal> = {}): Journal => ({
  version: 1,
  session: 1,
  root: '/srv/magmoboce',
  state: '/srv/magmoboce/storage/runbook',
  id: '20261123_131813',
  directory: '/srv/magmoboce/storage/backups/20261123_131813',
  phase: 'prepare',
  drill: false,
  undoes: null,
  safety: '20261123_140000_before-restore-1',
  hooked: false,
  closed: false,
  process: {pid: 1, started: 'x', host: 'here'},
  items: [anItem('tenants')],
  ...changes,
});
