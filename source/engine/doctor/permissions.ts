import fs, {constants} from 'node:fs';
import path from 'node:path';
import {operatorName} from '../base/owner.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {shellWord} from '../base/shell-word.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {whyLed} from '../storage/runbook/way.ts';
import {beware, counted, type Finding, ok, some, unknown, wrong} from './check.ts';
import {may, userWord} from './identity.ts';
import type {Subject} from './subject.ts';

export function checkUser(subject: Subject): Finding[] {
  const {storage, me, ownerName, options} = subject;
  const who = operatorName(options.env);
  if (!storage || storage.uid === me)
    return [ok(`you are ${who}${storage ? ', to whom storage/ belongs' : ''}`)];
  const again = [subject.command('doctor')];
  if (me === 0)
    return [
      beware(
        `you are ${who}, and storage/ belongs to ${ownerName}: what root begins here, ${ownerName} cannot always finish`,
        `Work as ${ownerName}:`,
        again,
      ),
    ];
  if (!subject.isOnlooker)
    return [ok(`you are ${who}; storage/ belongs to ${ownerName}, and you may write there too`)];
  return [
    beware(
      `you are ${who}, and may look, not write: storage/ belongs to ${ownerName}. What only ${ownerName} may see is not told here`,
      `To see all of it, and to do anything, as ${ownerName}:`,
      again,
    ),
  ];
}

/**
 * Why a directory cannot be written to, by whoever runs this or by whom storage/ belongs to; null where both can.
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

/** A command that gives a tree to whom storage/ belongs, links left as they are. */
export const giveBack = ({storage}: Subject, file: string): string[] =>
  storage ? [`sudo chown -hR ${userWord(storage.uid)}: ${shellWord(file)}`] : [];

/** What to do about a directory that cannot be written to. */
export const wayTo = (subject: Subject, directory: string): [string, string[]] => [
  `It has to be writable for ${subject.ownerName}. If nothing else speaks against it:`,
  giveBack(subject, directory),
];

export function checkState(subject: Subject): Finding[] {
  const {root, whyNoState: why} = subject;
  if (root === null) return [];
  const directory = `${root}/${stateName}`;
  const there = fs.lstatSync(directory, {throwIfNoEntry: false});
  if (subject.isOnlooker)
    return [unknown(`${stateName} is not for you to write; whether ${subject.ownerName} can is not told`)];
  if (why !== null) return [wrong(why.replace(/ Nothing was changed\.$/, ''))];
  if (!there) return [ok(`${stateName} is not there yet; the first command that writes makes it`)];
  const theirs = whyNotWritable(subject, directory);
  return [
    theirs === null
      ? ok(`${stateName} can be written`)
      : wrong(`${stateName}: ${theirs}`, ...wayTo(subject, directory)),
  ];
}

/** Backups, newest first, of which it is seen whether every copy may be read. */
const lookedInto = 20;

/** Names looked at in one backup: nobody waits for a million. */
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

export function checkBackups(subject: Subject): Finding[] {
  const {root, backups} = subject;
  const led = root === null ? null : whyLed(root, backups);
  if (led !== null) return [wrong(led.replace(/ Nothing was changed\.$/, ''))];
  const {listing, rows} = subject.catalog;
  if (!listing.exists) {
    if (root === null) return [wrong(`${backups} is not there`)];
    // A disk that is not mounted would else be backed up to where it should be.
    return backups.startsWith(`${root}/`)
      ? [ok(`${backups} is not there yet; the first backup makes it`)]
      : [wrong(`${backups} does not exist`, 'Mount it, or make it.')];
  }
  const findings: Finding[] = [];
  const denied = [
    ...[...rows.values()].filter(({reason}) => reason?.includes('permission denied')).map(({id}) => id),
    ...listing.ids.slice(0, lookedInto).filter((id) => !canReadCopies(`${backups}/${id}/datasets`)),
  ];
  if (denied.length > 0)
    findings.push(
      unknown(`${counted(denied.length, 'backup')} cannot be read by you: ${some(denied)}`, subject.asWhom, [
        subject.command('doctor'),
      ]),
    );
  const why = root === null || subject.isOnlooker ? null : whyNotWritable(subject, backups);
  if (why !== null) findings.push(wrong(`${backups} cannot be written: ${why}`, ...wayTo(subject, backups)));
  if (findings.length > 0) return findings;
  const can = root === null || subject.isOnlooker ? 'read' : 'read and written';
  return [ok(`${backups} can be ${can}; ${counted(listing.ids.length, 'backup')}`)];
}
