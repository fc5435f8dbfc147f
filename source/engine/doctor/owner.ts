import fs from 'node:fs';
import path from 'node:path';
import {userNameOf} from '../base/owner.ts';
import {errorCode} from '../base/problem.ts';
import {metricsFile} from '../config/metrics-file.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {beware, counted, type Finding, ok, some, unknown, wrong} from './check.ts';
import {may} from './identity.ts';
import {giveBack} from './permissions.ts';
import type {Subject} from './subject.ts';

const write = 2;
/** To put things into a directory, and to take them out. */
const change = 3;

/** What PHP, or we, as the owner of `storage/` could not work with. */
class Survey {
  readonly #subject: Subject;
  readonly foreign: string[] = [];
  unseen = 0;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** @param bits what he has to be able to do with it; more for a directory */
  look(file: string, bits: number): void {
    const {owner} = this.#subject;
    try {
      const stats = fs.lstatSync(file, {throwIfNoEntry: false});
      // Who a link belongs to is of no matter, and where it leads is not looked at.
      if (!stats || stats.isSymbolicLink() || !owner || stats.uid === owner.uid) return;
      if (!may(owner, stats, stats.isDirectory() ? bits | change : bits)) this.foreign.push(file);
    } catch (error) {
      if (errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') this.unseen++;
      else if (errorCode(error) !== 'ENOTDIR') throw error;
    }
  }
}

/** A directory for each area, so that one command mends each. */
function findingsFor(subject: Subject, area: string, foreign: string[], means: string): Finding[] {
  const {ownerName} = subject;
  const [first] = foreign;
  if (first === undefined) return [];
  const {uid} = fs.lstatSync(first);
  // What is in it may belong to somebody else although it does not.
  const whose = uid === subject.storage?.uid ? 'somebody else' : userNameOf(uid);
  const names = foreign.map((file) => path.relative(area, file) || path.basename(file));
  const one = foreign.length === 1;
  return [
    wrong(
      `${counted(foreign.length, 'entry', 'entries')} of ${subject.short(area)} ${one ? 'belongs' : 'belong'} to ${whose}, and ${ownerName} may not change ${one ? 'it' : 'them'}: ${some(names)}. ${means}`,
      `Give ${one ? 'it' : 'them'} to ${ownerName}, to whom storage/ belongs:`,
      foreign.length > 3 ? giveBack(subject, area) : foreign.flatMap((file) => giveBack(subject, file)),
    ),
  ];
}

/** Backups of which PHP could not delete something, or which it could not mark as verified. */
function lookAtBackups(subject: Subject): {foreign: string[]; unseen: number} {
  const {backups} = subject;
  let unseen = 0;
  const foreign = subject.catalog.listing.ids.flatMap((id) => {
    const survey = new Survey(subject);
    for (const name of ['', '/datasets', '/manifest.json']) survey.look(`${backups}/${id}${name}`, write);
    unseen += survey.unseen;
    return survey.foreign.length > 0 ? [`${backups}/${id}`] : [];
  });
  return {foreign, unseen};
}

/** What of `storage/` the kernel writes, and we. */
const written = ['logs', 'logs/mobo.log', 'state', 'state/system.json'];

/** Files that belong to somebody else than the rest: PHP's runs fail on them (FORMAT.md). */
export function checkOwner(subject: Subject): Finding[] {
  const {root, storage, backups, ownerName} = subject;
  if (root === null || !storage) return [];
  if (storage.uid === 0) {
    const other = fs.statSync(backups, {throwIfNoEntry: false});
    return other && other.uid !== 0
      ? [
          beware(
            `storage/ belongs to root, and ${subject.short(backups)} to ${userNameOf(other.uid)}: who is to make the backups?`,
            'Give both to the user whose service writes there.',
          ),
        ]
      : [ok('storage/ belongs to root, who may do everything with what is in it')];
  }
  const inBackups = lookAtBackups(subject);
  const inStorage = new Survey(subject);
  const {configuration} = subject;
  const live = (configuration?.datasets.value ?? []).flatMap(
    (dataset) => dataset.type.targetOf(dataset, dataset.name) ?? [],
  );
  const files = [...written.map((name) => `${root}/storage/${name}`), ...live];
  if (configuration) files.push(configuration.auditLog.value);
  const metrics = configuration?.metrics.value ?? metricsFile(root);
  const telemetry = path.dirname(metrics);
  files.push(telemetry, configuration?.kernelMetrics ?? `${telemetry}/metrics.prom`, metrics);
  for (const file of new Set(files)) inStorage.look(file, write);
  const isInside = (file: string): boolean => file.startsWith(`${root}/storage/`);
  const outside = Map.groupBy(
    inStorage.foreign.filter((file) => !isInside(file)),
    (file) => (file === telemetry ? file : path.dirname(file)),
  );
  const inState = new Survey(subject);
  for (const name of ['lock', 'building', 'removing', 'held', 'safety', 'sessions', 'evidence'])
    inState.look(`${root}/${stateName}/${name}`, write);
  const findings = [
    ...findingsFor(
      subject,
      backups,
      inBackups.foreign,
      "PHP's run fails where it may not delete an old one.",
    ),
    ...findingsFor(subject, `${root}/storage`, inStorage.foreign.filter(isInside), 'PHP cannot write there.'),
    ...[...outside].flatMap(([area, files]) => findingsFor(subject, area, files, 'PHP cannot write there.')),
    ...findingsFor(subject, `${root}/${stateName}`, inState.foreign, 'What writes fails there.'),
  ];
  const unseen = inBackups.unseen + inStorage.unseen + inState.unseen;
  if (unseen > 0)
    findings.push(
      unknown(`${counted(unseen, 'entry', 'entries')} could not be looked at as ${subject.myName}`),
    );
  return findings.length > 0 ? findings : [ok(`${ownerName} may change all that PHP has to change`)];
}
