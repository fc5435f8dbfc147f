import fs from 'node:fs';
import path from 'node:path';
import {counted, formatBytes} from '../base/format.ts';
import {shellWord} from '../base/shell-word.ts';
import type {Row} from '../catalog/row.ts';
import {spaceFor} from '../restore/cost.ts';
import {lookAtTarget, placeTarget} from '../restore/target.ts';
import {beware, type Findings, type InProject, type LaterFindings, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** What to do where a disk is full. */
const makeRoom = (subject: Subject, directory: string): [string, string[]] => [
  'Make room. Which backups may go, and what fills the disk:',
  [subject.command('backup prune --dry-run'), `df -h ${shellWord(directory)}`],
];

/** Files that could still be made on a file system; null where it has no such limit, or does not say. */
function inodesAt(directory: string): number | null {
  try {
    const {files, ffree} = fs.statfsSync(directory);
    return files > 0 ? ffree : null;
  } catch {
    // Not there yet: then nothing is on it that could use them up.
    return null;
  }
}

export async function* checkBackupSpace(subject: InProject): LaterFindings {
  const {backups} = subject;
  const {needed, free, datasets} = await subject.sources;
  const inodes = inodesAt(backups);
  const files = datasets.reduce((sum, each) => sum + each.files.length, 0) + datasets.length + 4;
  const said = `${formatBytes(free ?? 0)} free, a backup takes ${formatBytes(needed)}`;
  if (free === null) yield unknown(`the file system of ${backups} does not say how much is free`);
  else if (needed > free)
    yield wrong(`${said}: ${formatBytes(needed - free)} are missing`, ...makeRoom(subject, backups));
  else if (inodes !== null && inodes < files)
    yield wrong(
      `${said}, but only ${counted(inodes, 'more file')} can be made there, and it needs ${files}`,
      'Remove files from that file system:',
      [`df -i ${shellWord(backups)}`],
    );
  else if (free < needed * 2)
    yield beware(`${said}: room for one more, not for two`, ...makeRoom(subject, backups));
  return said;
}

/** Every dataset of a backup as if it were to be put back over a live file that differs. */
function actionsFor({configuration, root}: InProject, row: Row): Parameters<typeof spaceFor>[0] {
  const datasets = configuration.datasets.value;
  return row.datasets.flatMap(({name, bytes}) => {
    const dataset = datasets.find((each) => each.name === name || name.startsWith(`${each.name}/`));
    if (!dataset) return [];
    const target = path.join(dataset.source, name.slice(dataset.name.length));
    // Where it may be written is not asked here; a restore does, and says so.
    const place = placeTarget(root, target, new Set([target]));
    if ('refused' in place) return [];
    const live = lookAtTarget(place);
    const action = 'overwrite' as const;
    return [{action, place, bytes: bytes ?? 0, live: 'refused' in live ? null : live}];
  });
}

/** Of a restore of the newest backup that could be restored, with a safety backup of all live files. */
export function* checkRestoreSpace(subject: InProject): Findings {
  const {root, state, newest} = subject;
  if (!newest) return undefined;
  const spaces = spaceFor(actionsFor(subject, newest), state ? state.name : `${root}/storage`);
  const full = spaces.filter(({free, needed}) => free !== null && needed > free);
  for (const {where, free, needed} of full)
    yield wrong(
      `${formatBytes(free ?? 0)} free on the disk of ${where}, a restore takes ${formatBytes(needed)} with its safety backup`,
      ...makeRoom(subject, where),
    );
  if (full.length === 0)
    for (const {where, free} of spaces)
      if (free === null) yield unknown(`the file system of ${where} does not say how much is free`);
  const said = spaces.map(
    ({free, needed}) =>
      `${formatBytes(free ?? 0)} free, a restore of ${newest.id} with its safety backup takes at most ${formatBytes(needed)}`,
  );
  return said.join('; ') || `a restore of ${newest.id} takes nothing`;
}
