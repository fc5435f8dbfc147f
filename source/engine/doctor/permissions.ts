import fs, {constants} from 'node:fs';
import path from 'node:path';
import {isThere} from '../base/files.ts';
import {counted, listed} from '../base/format.ts';
import {operatorName} from '../base/owner.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {shellWord} from '../base/shell-word.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {whyLed} from '../storage/runbook/way.ts';
import {beware, type Findings, type InRoot, unknown, wrong} from './check.ts';
import {may, userWord} from './identity.ts';
import type {Subject} from './subject.ts';

export function* checkUser(subject: Subject): Findings {
  const {storage, me, ownerName, options} = subject;
  const who = operatorName(options.env);
  if (!storage) return `you are ${who}`;
  if (storage.uid === me) return `you are ${who}, to whom storage/ belongs`;
  const again = [subject.command('doctor')];
  if (me === 0)
    yield beware(
      `you are ${who}, and storage/ belongs to ${ownerName}: what root begins here, ${ownerName} cannot always finish`,
      `Work as ${ownerName}:`,
      again,
    );
  else if (subject.isOnlooker)
    yield beware(
      `you are ${who}, and may look, not write: storage/ belongs to ${ownerName}. What only ${ownerName} may see is not shown here`,
      `To see all of it, and to do anything, as ${ownerName}:`,
      again,
    );
  return `you are ${who}; storage/ belongs to ${ownerName}, and you may write there too`;
}

/**
 * Why a directory cannot be written to, by this user or by the owner of storage/; null where both can.
 * Whether it is there is for the caller.
 */
export function whyNotWritable(subject: Subject, directory: string): string | null {
  const {owner, ownerName, me, isOnlooker} = subject;
  try {
    if (!isOnlooker) fs.accessSync(directory, constants.W_OK | constants.X_OK);
    if (owner && owner.uid !== me && !may(owner, fs.statSync(directory), 3))
      return `by its owner and mode ${ownerName} may not write it`;
    return null;
  } catch (error) {
    return describeError(error);
  }
}

/** A command that gives a tree to the owner of storage/, links left as they are. */
export const giveBack = ({storage}: Subject, file: string): string[] =>
  storage ? [`sudo chown -hR ${userWord(storage.uid)}: ${shellWord(file)}`] : [];

/** What to do about a directory that cannot be written to. */
export const makeWritable = (subject: Subject, directory: string): [string, string[]] => [
  `It has to be writable for ${subject.ownerName}. If nothing else speaks against it:`,
  giveBack(subject, directory),
];

const nothingChanged = / Nothing was changed\.$/;

export function* checkState(subject: InRoot): Findings {
  const {root, whyNoState: why, ownerName} = subject;
  const directory = `${root}/${stateName}`;
  if (subject.isOnlooker)
    yield unknown(`you may not write ${stateName}; whether ${ownerName} may is not known`);
  else if (why !== null) yield wrong(why.replace(nothingChanged, ''));
  else if (isThere(directory)) {
    const theirs = whyNotWritable(subject, directory);
    if (theirs !== null) yield wrong(`${stateName}: ${theirs}`, ...makeWritable(subject, directory));
    return `${stateName} can be written`;
  }
  return `${stateName} is not there yet; the first command that writes creates it`;
}

/** Backups, newest first, of which it is seen whether every copy may be read. */
const lookedInto = 20;

/** Names looked at in one backup: a million would take too long. */
const mostNames = 10_000;

/** Everything below a directory, never through a link, which may lead back up. */
function* filesBelow(directory: string): Generator<string> {
  const pending = [directory];
  let left = mostNames;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (!fs.lstatSync(at).isDirectory()) continue;
    const open = fs.opendirSync(at);
    try {
      for (let entry = open.readSync(); entry && left > 0; entry = open.readSync(), left--) {
        const below = path.join(at, entry.name);
        if (entry.isDirectory()) pending.push(below);
        else if (entry.isFile()) yield below;
      }
    } finally {
      open.closeSync();
    }
  }
}

/** False only where that is forbidden: what is damaged is told elsewhere. */
function canReadCopies(directory: string): boolean {
  try {
    for (const file of filesBelow(directory)) fs.accessSync(file, constants.R_OK);
    return true;
  } catch (error) {
    return errorCode(error) !== 'EACCES';
  }
}

export function* checkBackups(subject: Subject): Findings {
  const {root, backups} = subject;
  const led = root === null ? null : whyLed(root, backups);
  if (led !== null) {
    yield wrong(led.replace(nothingChanged, ''));
    return undefined;
  }
  const {listing, rows} = subject.catalog;
  if (!listing.exists) {
    if (root === null) yield wrong(`${backups} is not there`);
    // A disk that is not mounted would else be backed up to where it should be.
    else if (!backups.startsWith(`${root}/`))
      yield wrong(`${backups} does not exist`, 'Mount it, or make it.');
    return `${backups} is not there yet; the first backup creates it`;
  }
  const denied = [
    ...[...rows.values()].filter(({reason}) => reason?.includes('permission denied')).map(({id}) => id),
    ...listing.ids.slice(0, lookedInto).filter((id) => !canReadCopies(`${backups}/${id}/datasets`)),
  ];
  if (denied.length > 0)
    yield unknown(
      `${counted(denied.length, 'backup')} cannot be read by you: ${listed(denied, 3)}`,
      subject.asWhom,
      [subject.command('doctor')],
    );
  const isReadOnly = root === null || subject.isOnlooker;
  const why = isReadOnly ? null : whyNotWritable(subject, backups);
  if (why !== null) yield wrong(`${backups} cannot be written: ${why}`, ...makeWritable(subject, backups));
  const can = isReadOnly ? 'read' : 'read and written';
  return `${backups} can be ${can}; ${counted(listing.ids.length, 'backup')}`;
}
