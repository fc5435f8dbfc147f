import fs from 'node:fs';
import path from 'node:path';
import {seenAt} from '../base/files.ts';
import {counted, listed} from '../base/format.ts';
import {userName, userNameOf} from '../base/owner.ts';
import {errorCode} from '../base/problem.ts';
import {metricsFile} from '../config/metrics-file.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {beware, type Findings, type Found, type InRoot, unknown, wrong} from './check.ts';
import {may} from './identity.ts';
import {giveBack} from './permissions.ts';
import type {Subject} from './subject.ts';

const write = 2;
/** To put things into a directory, and to take them out. */
const change = 3;

type Looked = {foreign: string[]; unseen: number};

/** What of these files PHP, or we, as the owner of `storage/` could not write; a directory has to let entries be changed. */
function lookAt({owner}: Subject, files: Iterable<string>): Looked {
  const looked: Looked = {foreign: [], unseen: 0};
  for (const file of files)
    try {
      const stats = seenAt(file);
      // Who a link belongs to is of no matter, and where it leads is not looked at.
      if (!stats || stats.isSymbolicLink() || !owner || stats.uid === owner.uid) continue;
      if (!may(owner, stats, stats.isDirectory() ? change : write)) looked.foreign.push(file);
    } catch (error) {
      if (errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') looked.unseen++;
      else if (errorCode(error) !== 'ENOTDIR') throw error;
    }
  return looked;
}

/** A directory for each area, so that one command mends each. */
function* findingsIn(subject: Subject, area: string, foreign: string[], means: string): Iterable<Found> {
  const {ownerName} = subject;
  const [first] = foreign;
  if (first === undefined) return;
  const {uid} = fs.lstatSync(first);
  // What is in it may belong to another user although it does not.
  const whose = uid === subject.storage?.uid ? 'somebody else' : userNameOf(uid);
  const names = foreign.map((file) => path.relative(area, file) || path.basename(file));
  const one = foreign.length === 1;
  const them = one ? 'it' : 'them';
  yield wrong(
    `${counted(foreign.length, 'entry', 'entries')} of ${subject.short(area)} ${one ? 'belongs' : 'belong'} to ${whose}, and ${ownerName} may not change ${them}: ${listed(names, 3)}. ${means}`,
    `Give ${them} to ${ownerName}, to whom storage/ belongs:`,
    foreign.length > 3 ? giveBack(subject, area) : foreign.flatMap((file) => giveBack(subject, file)),
  );
}

/** Backups of which PHP could not delete something, or which it could not mark as verified. */
function lookAtBackups(subject: Subject): Looked {
  const all = subject.catalog.listing.ids.map((id) => `${subject.backups}/${id}`);
  const looked = all.map((backup) =>
    lookAt(subject, [backup, `${backup}/datasets`, `${backup}/manifest.json`]),
  );
  return {
    foreign: all.filter((_, index) => looked[index]?.foreign.length),
    unseen: looked.reduce((sum, {unseen}) => sum + unseen, 0),
  };
}

/** What of `storage/` the kernel writes, and we. */
const written = ['logs', 'logs/mobo.log', 'state', 'state/system.json'];

/** Files that belong to another user than the rest: PHP's runs fail on them (FORMAT.md). */
export function* checkOwner(subject: InRoot): Findings {
  const {root, storage, backups, ownerName, configuration} = subject;
  if (!storage) return undefined;
  if (storage.uid === 0) {
    const other = fs.statSync(backups, {throwIfNoEntry: false});
    if (other && other.uid !== 0)
      yield beware(
        `storage/ belongs to root, and ${subject.short(backups)} to ${userNameOf(other.uid)}: who is to make the backups?`,
        'Give both to the user whose service writes there.',
      );
    return 'storage/ belongs to root, who may do everything with what is in it';
  }
  const inBackups = lookAtBackups(subject);
  const live = (configuration?.datasets.value ?? []).flatMap(
    (dataset) => dataset.type.targetOf(dataset, dataset.name) ?? [],
  );
  const files = [...written.map((name) => `${root}/storage/${name}`), ...live];
  if (configuration) files.push(configuration.auditLog.value);
  const metrics = configuration?.metrics.value ?? metricsFile(root);
  const telemetry = path.dirname(metrics);
  files.push(telemetry, configuration?.kernelMetrics ?? `${telemetry}/metrics.prom`, metrics);
  const inStorage = lookAt(subject, new Set(files));
  const isInside = (file: string): boolean => file.startsWith(`${root}/storage/`);
  const storageFirst = inStorage.foreign.toSorted((a, b) => Number(isInside(b)) - Number(isInside(a)));
  const areas = Map.groupBy(storageFirst, (file) =>
    isInside(file) ? `${root}/storage` : file === telemetry ? file : path.dirname(file),
  );
  const ours = ['lock', 'building', 'removing', 'held', 'safety', 'sessions', 'evidence'];
  const inState = lookAt(
    subject,
    ours.map((name) => `${root}/${stateName}/${name}`),
  );
  const fails = "PHP's run fails where it may not delete an old one.";
  yield* findingsIn(subject, backups, inBackups.foreign, fails);
  for (const [area, foreign] of areas) yield* findingsIn(subject, area, foreign, 'PHP cannot write there.');
  yield* findingsIn(subject, `${root}/${stateName}`, inState.foreign, 'What writes fails there.');
  const unseen = inBackups.unseen + inStorage.unseen + inState.unseen;
  if (unseen > 0)
    yield unknown(`${counted(unseen, 'entry', 'entries')} could not be looked at as ${userName()}`);
  return `${ownerName} may change all that PHP has to change`;
}
