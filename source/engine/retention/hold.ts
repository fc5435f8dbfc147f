import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {Directory} from '../base/directory.ts';
import {asciiJson} from '../base/escape.ts';
import {Walk} from '../base/open-inside.ts';
import {userName} from '../base/owner.ts';
import {phpDate} from '../base/php-date.ts';
import {describeError, exitCode, Problem, withAdvice} from '../base/problem.ts';
import {removeTree} from '../base/remove-tree.ts';
import {programName} from '../base/version.ts';
import {type Hold, heldName, holdFile, readHold} from '../storage/held.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {relocateCopies} from '../storage/manifest/edit.ts';
import {maxManifestBytes, parseManifest, readManifest} from '../storage/manifest/read.ts';
import {beginBuilding, buildingName, publishBuilt} from '../storage/runbook/unfinished.ts';
import {copiesDigest, lastVerification, recordName} from '../storage/verifications.ts';
import {findCopy} from './second-name.ts';
import {type Held, settleAll, take} from './take-copies.ts';

/** Whose hold it is, from what was held before; null where it was not. */
type Holding = (before: Hold | null) => Hold;

/** What a hold says of who made it. */
export const holdBy = (id: string, reason: string): Hold => ({
  version: 1,
  id,
  at: phpDate(new Date()),
  reason,
  by: userName(),
  host: os.hostname(),
});

/**
 * Holds a backup where PHP's retention cannot reach it (FORMAT.md): hard links to its copies, else copies, and a manifest
 * that names them there, so that PHP verifies and restores it with `--id=../runbook/held/<id>`. All copies that there are,
 * or none: one that is missing keeps no other from being held. Held already, it gets the new reason, and what was missing
 * from it and is there now; what it is held for beside that stays.
 * @throws Problem where the backup cannot be held
 */
export const hold = (state: Directory, backups: string, id: string, reason: string): Promise<Held> =>
  holdAs(state, backups, id, (before) => ({
    ...holdBy(id, reason),
    ...(before?.sessions ? {sessions: before.sessions} : {}),
    ...(before?.until ? {until: before.until} : {}),
  }));

/**
 * The same, for whoever it may be.
 * @param mayCopy whether there is room for so many bytes, where a second name cannot be had
 */
export async function holdAs(
  state: Directory,
  backups: string,
  id: string,
  holding: Holding,
  mayCopy: (bytes: number) => boolean = () => true,
): Promise<Held> {
  const held = state.make(heldName);
  try {
    const existing = held.find(id);
    if (existing) {
      try {
        rewriteHold(held, holding(readHold(held.path, id)));
        const made = await complete(held, existing, `${backups}/${id}`, id, mayCopy);
        makeSure(held, id);
        return made;
      } finally {
        existing.close();
      }
    }
    const note = `${asciiJson(holding(null))}\n`;
    const made = await build(state, held, `${backups}/${id}`, id, note, mayCopy);
    makeSure(held, id);
    return made;
  } finally {
    held.close();
  }
}

/**
 * Says anew for whom a backup is held.
 * @throws Problem where that cannot be written: it stays held as it was
 */
export function rewriteHold(held: Directory, hold: Hold): void {
  const directory = held.find(hold.id);
  try {
    directory?.write(holdFile, `${asciiJson(hold)}\n`, held.stats, held.stats.mode & 0o644);
    directory?.sync();
  } catch (error) {
    throw new Problem(
      exitCode.failed,
      `${hold.id} stays held, but the new reason could not be written to ${directory?.name}/${holdFile}: ${withAdvice(error)}.`,
    );
  } finally {
    directory?.close();
  }
}

/** What is held is not taken back because it may not last; the operator has to know. */
function makeSure(held: Directory, id: string): void {
  try {
    held.sync();
  } catch (error) {
    throw new Problem(
      exitCode.failed,
      `${id} is held in ${held.name}/${id}, but may not survive a power cut (${describeError(error)}). Check the disk, then pin it again.`,
    );
  }
}

/** Adds what was missing from a backup when it was held, and is there by now. */
async function complete(
  held: Directory,
  work: Directory,
  directory: string,
  id: string,
  mayCopy: (bytes: number) => boolean,
): Promise<Held> {
  const read = readManifest(`${held.path}/${id}`);
  // Whoever looks at it is told what is wrong with it.
  if (read.state !== 'read') return {linked: 0, copied: 0, without: []};
  const {manifest} = read;
  const ids = namesOf(id, manifest.id);
  const walk = new Walk();
  const has = (segments: string[]): boolean => !('lacks' in findCopy(`${held.path}/${id}`, segments, walk));
  try {
    const {tally, directories, copies} = await take(directory, manifest.datasets, {ids, work, mayCopy, has});
    if (copies > 0) settleAll(work, directory, directories, held);
    return tally;
  } catch (error) {
    throw new Problem(
      exitCode.failed,
      `${id} stays held as it was, and what is missing there could not be added: ${withAdvice(error)}.`,
    );
  } finally {
    walk.close();
  }
}

async function build(
  state: Directory,
  held: Directory,
  directory: string,
  id: string,
  note: string,
  mayCopy: (bytes: number) => boolean,
): Promise<Held> {
  const cannot = (why: string): never => {
    throw new Problem(exitCode.failed, `${id} cannot be held: ${why}. Nothing was changed.`);
  };
  const read = readManifest(directory);
  if (read.state === 'missing') return cannot('it has no manifest.json, so it is not a backup');
  if (read.state === 'unreadable') return cannot(read.reason);
  const {manifest} = read;
  if (manifest.datasets.length === 0) return cannot('it holds no datasets');
  const owner = held.stats;
  const building = state.make(buildingName);
  try {
    const work = beginBuilding(building, id);
    try {
      const ids = namesOf(id, manifest.id);
      const {tally, directories, copies} = await take(directory, manifest.datasets, {ids, work, mayCopy});
      const [lack] = tally.without;
      if (copies === 0 && lack) cannot(`there is no copy in it to hold (${lack.name}: ${lack.reason})`);
      const text = relocateCopies(manifest.text, (recorded) => {
        const located = locateCopy(recorded, ids);
        return 'unsafe' in located ? null : path.join(held.name, id, ...located.segments);
      });
      const bytes = Buffer.from((manifest.hasBom ? '\ufeff' : '') + text);
      if (bytes.length > maxManifestBytes) cannot('its manifest would become too large');
      work.write('manifest.json', bytes, owner, owner.mode & 0o644);
      work.write(holdFile, note, owner, owner.mode & 0o644);
      carryOver(directory, work, manifestDigest(manifest.tree), bytes, id, owner, tally.linked);
      settleAll(work, directory, directories, held);
      publishBuilt(work, building, id, held, id);
      return tally;
    } finally {
      work.close();
    }
  } catch (error) {
    discard(building, id);
    if (error instanceof Problem) throw error;
    return cannot(withAdvice(error));
  } finally {
    building.close();
  }
}

function discard(building: Directory, id: string): void {
  try {
    removeTree(building.path, id);
  } catch {
    // Nobody looks for backups there; the next writer tidies it up, or says why it cannot.
  }
}

/**
 * What is known of the copies holds for the held ones too; only where they lie, and so the manifest, differs.
 * @param linked copies that are the very same files
 */
function carryOver(
  directory: string,
  work: Directory,
  digest: string,
  bytes: Buffer,
  id: string,
  owner: fs.Stats,
  linked: number,
): void {
  const record = lastVerification(directory);
  if (record?.manifest !== digest) return;
  const parsed = parseManifest(bytes);
  if ('reason' in parsed) return;
  const copiesIn = (where: string) =>
    parsed.datasets.map(({name, backup}) => {
      const located = locateCopy(backup ?? '', [id]);
      const file = 'unsafe' in located ? undefined : `${where}/${located.segments.join('/')}`;
      const stats = file && fs.lstatSync(file, {throwIfNoEntry: false});
      return {name, bytes: stats ? stats.size : null, mtimeMs: stats ? stats.mtimeMs : null};
    });
  if (record.copies !== copiesDigest(copiesIn(directory))) return;
  const carried = {
    ...record,
    manifest: manifestDigest(parsed.tree),
    copies: linked === parsed.datasets.length ? record.copies : copiesDigest(copiesIn(work.path)),
    program: programName,
    carried_from: directory,
  };
  work.write(recordName, `${asciiJson(carried)}\n`, owner, owner.mode & 0o644);
}
