import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {Directory} from '../base/directory.ts';
import {asciiJson} from '../base/escape.ts';
import {seenAt} from '../base/files.ts';
import {Walk} from '../base/open-inside.ts';
import {owns, userName} from '../base/owner.ts';
import {phpDate} from '../base/php-date.ts';
import {describeError, exitCode, Problem, withAdvice} from '../base/problem.ts';
import {firstOf, placesOf, WayWalk, withinWay} from '../base/readers.ts';
import {removeTree} from '../base/remove-tree.ts';
import {programName} from '../base/version.ts';
import {type Hold, heldName, holdFile, readHold} from '../storage/held.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {relocateCopies} from '../storage/manifest/edit.ts';
import {maxManifestBytes, parseManifest, readManifest} from '../storage/manifest/read.ts';
import type {Dataset, ManifestContent} from '../storage/manifest/schema.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {beginBuilding, buildingName, publishBuilt} from '../storage/runbook/unfinished.ts';
import {copiesDigest, lastVerification, recordName} from '../storage/verifications.ts';
import {findCopy, linkOrCopy} from './second-name.ts';

/** A dataset of which there is no copy to hold, and why. */
export type Lack = {name: string; reason: string};

/** Copies that are held by a second name, that had to be copied, and what is not held because there is no copy of it. */
export type Held = {linked: number; copied: number; without: Lack[]};

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
 * or none: one that is missing keeps no other from being held. Held already, it only gets the new reason; what it is held for
 * beside that stays, and so does what is held of it: that it lacks a copy is said again.
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
  using held = state.make(heldName);
  const existing = held.find(id);
  if (existing) {
    existing.close();
    checkIsHeld(held, id);
    rewriteHold(held, holding(readHold(held.path, id)));
    makeSure(held, id);
    return {linked: 0, copied: 0, without: lacksOf(`${held.path}/${id}`, id)};
  }
  const note = `${asciiJson(holding(null))}\n`;
  const made = await build(state, held, `${backups}/${id}`, id, note, mayCopy);
  makeSure(held, id);
  return made;
}

/** @throws Problem where what is held is no backup (any more): nothing is kept by a new reason for that */
function checkIsHeld(held: Directory, id: string): void {
  const read = readManifest(`${held.path}/${id}`);
  if (read.state === 'read') return;
  const why = read.state === 'missing' ? 'manifest.json is missing' : read.reason;
  throw new Problem(
    exitCode.failed,
    `${id} cannot be held: what lies in ${stateName}/${heldName}/${id} is no backup (${why}). Unpin it, then pin it again. Nothing was changed.`,
  );
}

/**
 * Says anew for whom a backup is held.
 * @throws Problem where that cannot be written: it stays held as it was
 */
export function rewriteHold(held: Directory, hold: Hold): void {
  using directory = held.find(hold.id);
  try {
    directory?.write(holdFile, `${asciiJson(hold)}\n`, held.stats, held.stats.mode & 0o644);
    directory?.sync();
  } catch (error) {
    throw new Problem(
      exitCode.failed,
      `${hold.id} stays held, but the new reason could not be written to ${directory?.name}/${holdFile}: ${withAdvice(error)}.`,
    );
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

/** One copy of a backup, if it can be held. @param ids names that the backup has in its manifest */
function copyIn(
  directory: string,
  {backup, flaw}: Dataset,
  ids: string[],
  walk: Walk,
): ReturnType<typeof findCopy> {
  const located = locateCopy(backup ?? '', ids);
  if (flaw !== null) return {lacks: flaw};
  return 'unsafe' in located ? {lacks: located.unsafe} : findCopy(directory, located.segments, walk);
}

/** What a backup that is held lacks. */
function lacksOf(directory: string, id: string): Lack[] {
  const read = readManifest(directory);
  // Whoever looks at it is told what is wrong with all of it.
  if (read.state !== 'read') return [];
  const {manifest} = read;
  using walk = new Walk();
  return manifest.datasets.flatMap((dataset) => {
    const found = copyIn(directory, dataset, namesOf(id, manifest.id), walk);
    return 'lacks' in found ? [{name: dataset.name, reason: found.lacks}] : [];
  });
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
  using building = state.make(buildingName);
  try {
    using work = beginBuilding(building, id);
    const ids = namesOf(id, manifest.id);
    const {directories, ...tally} = await holdCopies(manifest, directory, ids, work, mayCopy, cannot);
    const [lack] = tally.without;
    if (tally.linked + tally.copied === 0 && lack)
      cannot(`there is no copy in it to hold (${lack.name}: ${lack.reason})`);
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
  } catch (error) {
    discard(building, id);
    if (error instanceof Problem) throw error;
    return cannot(withAdvice(error));
  }
}

/** Holds each copy of a backup, once. @property directories that lead to them, from the top down */
async function holdCopies(
  {datasets}: ManifestContent,
  directory: string,
  ids: string[],
  work: Directory,
  mayCopy: (bytes: number) => boolean,
  cannot: (why: string) => never,
): Promise<Held & {directories: string[][]}> {
  const tally: Held = {linked: 0, copied: 0, without: []};
  const directories = new Map<string, string[]>([['', []]]);
  const copies = new Set<string>();
  using from = new Walk();
  using to = new Walk();
  for (const dataset of datasets) {
    try {
      const found = copyIn(directory, dataset, ids, from);
      if ('lacks' in found) {
        tally.without.push({name: dataset.name, reason: found.lacks});
        continue;
      }
      const {segments} = found;
      const name = segments.join('/');
      if (copies.has(name)) continue;
      copies.add(name);
      const way = segments.slice(0, -1);
      if (!directories.has(way.join('/'))) {
        work.enterAlong(way, to).close();
        for (let depth = 1; depth <= way.length; depth++) {
          const part = way.slice(0, depth);
          directories.set(part.join('/'), part);
        }
      }
      // Many files lie in one directory: it is walked to once.
      const place = to.to(`${work.path}/.`, way);
      if ('status' in place) throw new Error(place.reason);
      tally[await linkOrCopy(found, place, mayCopy)]++;
    } catch (error) {
      cannot(`${dataset.name}: ${describeError(error)}`);
    }
  }
  return {...tally, directories: [...directories.values()]};
}

/** A second name leads to a copy for those only whom the first one leads there. */
function settleAll(work: Directory, backup: string, directories: string[][], held: Directory): void {
  const common = placesOf(held.path);
  using ways = new WayWalk();
  using walk = new Walk();
  for (const segments of directories) {
    const from = ways.to(backup, segments, 'the backup', common);
    if ('status' in from && from.status !== 'missing') throw new Error(from.reason);
    using made = work.enterAlong(segments, walk);
    if ('status' in from) {
      // PHP has deleted it since its copies were held: they are the last ones. Who got there is not known any more, so
      // that none gets here but who holds it.
      fs.fchmodSync(made.fd, 0o700);
    } else {
      owns(made.fd, firstOf(from.way, [held.stats, fs.fstatSync(from.fd)]), 0o700);
      const mode = (held.stats.mode & 0o7755) | 0o700;
      fs.fchmodSync(made.fd, withinWay(mode, made.stats.gid, from.way));
    }
    fs.fsyncSync(made.fd);
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
      const stats = file && seenAt(file);
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
