import fs from 'node:fs';
import type {Directory} from '../base/directory.ts';
import {areOneFile, exactly, isOneFile} from '../base/files.ts';
import {Walk} from '../base/open-inside.ts';
import {errorCode} from '../base/problem.ts';
import {removeFile} from '../base/remove-file.ts';
import type {JournalItem} from '../session/journal.ts';
import {Stopped} from '../session/stopped.ts';
import {findParent, nameOf, namesIn, openParent, stampAt} from './place.ts';
import {type FileStamp, noNumber, sameStamp, stampOf} from './target.ts';

/** What a live file is, going by the journal: as before, as restored, or written to by somebody since. */
export type Standing = 'old' | 'new' | 'written';

/** Whether what lies there, or that nothing does, is what a restore has left. */
const isLeft = ({new: put}: JournalItem, live: FileStamp | null): boolean =>
  put ? live !== null && put.stamp !== null && sameStamp(live, put.stamp) : live === null;

function standingIn(item: JournalItem, parent: Directory | null): Standing {
  const live = parent && stampAt(parent, nameOf(item));
  if (isLeft(item, live)) return 'new';
  if (item.old.kind === 'absent' ? live === null : live !== null && sameStamp(live, item.old.stamp))
    return 'old';
  if (!item.volatile || live === null) return 'written';
  // Its times say nothing: what is staged is gone once it has taken its place.
  return item.new && parent && stampAt(parent, item.temporary) === null ? 'new' : 'old';
}

/** Whether a live file is as a restore has left it, also of one that always changes. @throws Stopped where its directory is not what it was */
export function isAsLeft(item: JournalItem): boolean {
  using parent = findParent(item.place);
  return isLeft(item, parent && stampAt(parent, nameOf(item)));
}

/** @throws Stopped where its directory is not what it was */
export function standingOf(item: JournalItem, walk?: Walk): Standing {
  const parent = findParent(item.place, walk);
  try {
    return standingIn(item, parent);
  } finally {
    parent?.close();
  }
}

/** @throws Stopped where what is to be written over is not what was seen */
function checkOld(item: JournalItem, parent: Directory): void {
  const {old, place, volatile, dataset, aside} = item;
  const live = exactly(`${parent.path}/${nameOf(item)}`);
  if (old.kind === 'absent') {
    if (live) throw new Stopped(`${dataset}: ${place.path} has appeared meanwhile`);
    return;
  }
  if (!live || !(volatile || sameStamp(stampOf(live, parent), old.stamp)))
    throw new Stopped(
      `${dataset}: ${place.path} was ${live ? 'written to' : 'removed'} meanwhile: stop the service that writes, then start again`,
    );
  // The way back is never taken for granted: what is there now must have its second name before it loses the first.
  const kept = exactly(`${parent.path}/${aside}`);
  if (areOneFile(live, kept, parent)) return;
  if (kept) fs.unlinkSync(`${parent.path}/${aside}`);
  fs.linkSync(`${parent.path}/${nameOf(item)}`, `${parent.path}/${aside}`);
}

/**
 * Puts what is staged in the place of a live file, or takes away what is to go; the old file keeps its second name.
 * @throws Stopped where the live file or what is staged is not what the journal says
 */
export function switchItem(item: JournalItem, walk?: Walk): void {
  const parent = openParent(item.place, walk);
  try {
    const target = `${parent.path}/${nameOf(item)}`;
    checkOld(item, parent);
    if (!item.new) {
      fs.unlinkSync(target);
      return;
    }
    const staged = stampAt(parent, item.temporary);
    if (!staged || !item.new.stamp || !sameStamp(staged, item.new.stamp))
      throw new Stopped(`${item.dataset}: ${parent.name}/${item.temporary} is not what was staged`);
    const temporary = `${parent.path}/${item.temporary}`;
    if (item.old.kind === 'file') {
      fs.renameSync(temporary, target);
      return;
    }
    // Unlike a rename, a link never takes the place of what appears in this moment.
    try {
      fs.linkSync(temporary, target);
    } catch (error) {
      if (errorCode(error) === 'EEXIST')
        throw new Stopped(`${item.dataset}: ${item.place.path} has appeared meanwhile`);
      throw error;
    }
    fs.unlinkSync(temporary);
  } finally {
    parent.close();
  }
}

/** Whether a file that somebody has written to was not switched yet: then it is as he left it, whatever happens now. */
function isBeforeItsTurn(item: JournalItem, parent: Directory): boolean {
  const live = stampAt(parent, nameOf(item));
  if (!live) return false;
  if (!item.new && live.ino === noNumber) return isOneFile(parent.path, nameOf(item), item.aside);
  if (!item.new) return item.old.kind === 'file' && item.old.stamp.ino === live.ino;
  const isStaged = stampAt(parent, item.temporary) !== null;
  return isStaged && !isOneFile(parent.path, nameOf(item), item.temporary);
}

/**
 * Makes a live file the old one again, whatever was done so far, and removes what lies beside it. May be done again.
 * @throws Stopped where somebody has written to it since it was switched: he decides
 */
export function switchBack(item: JournalItem, walk?: Walk): null {
  const parent = findParent(item.place, walk);
  // Its directory was never made, or has been removed again.
  if (!parent) return null;
  try {
    const target = `${parent.path}/${nameOf(item)}`;
    const aside = `${parent.path}/${item.aside}`;
    const standing = standingIn(item, parent);
    if (standing === 'written' && !isBeforeItsTurn(item, parent))
      throw new Stopped(`${item.dataset}: ${item.place.path} was written to since it was restored`);
    if (standing === 'new' && item.new && item.old.kind === 'absent') fs.unlinkSync(target);
    else if (standing === 'new' && item.new) fs.renameSync(aside, target);
    else if (standing === 'new') fs.linkSync(aside, target);
    // Renaming between two names of one file does nothing (rename(2)): the second name goes in any case.
    clearBeside(item, walk);
    return null;
  } finally {
    parent.close();
  }
}

/** A name under which what somebody wrote meanwhile is kept, beside what was kept of an earlier attempt. */
function writtenName({aside}: JournalItem, parent: Directory): string {
  const first = aside.replace(/old$/, 'written');
  for (let number = 1; ; number++) {
    const name = number === 1 ? first : `${first}-${number}`;
    if (stampAt(parent, name) === null) return name;
  }
}

/**
 * Why the old file cannot be put back in the place of one that somebody has written to; null where it can. Written to in
 * place before it was switched, its second name shows the very same bytes.
 */
export function whyNotBack(item: JournalItem): string | null {
  if (item.old.kind === 'absent') return null;
  const parent = openParent(item.place);
  try {
    const kept = stampAt(parent, item.aside);
    if (!kept) return `${item.aside}, which kept the old file, is gone`;
    if (item.volatile || sameStamp(kept, item.old.stamp)) return null;
    return 'it was written to in place, and what it held before is not kept beside it';
  } finally {
    parent.close();
  }
}

/**
 * Makes a file that somebody has written to the new one, or the old one, because the operator says so; what was written
 * is kept beside it.
 * @returns the file that it is kept in; null where there was none
 */
export function force(item: JournalItem, direction: 'forward' | 'back'): string | null {
  const parent = openParent(item.place);
  try {
    const inside = (name: string): string => `${parent.path}/${name}`;
    const target = inside(nameOf(item));
    const live = stampAt(parent, nameOf(item));
    // Written to in place: its second name leads to the same bytes.
    const isOld = isOneFile(parent.path, nameOf(item), item.aside);
    const kept = writtenName(item, parent);
    if (isOld) fs.renameSync(inside(item.aside), inside(kept));
    else if (live) fs.linkSync(target, inside(kept));
    const from =
      direction === 'forward' ? item.new && item.temporary : item.old.kind === 'file' && item.aside;
    if (from) fs.renameSync(inside(from), target);
    else removeFile(target);
    clearStaged(item);
    return live && `${parent.name}/${kept}`;
  } finally {
    parent.close();
  }
}

/**
 * Leaves a file as somebody has written it.
 * @returns where the old file is, if it is another one
 */
export function leave(item: JournalItem): string | null {
  clearStaged(item);
  const parent = openParent(item.place);
  try {
    const old = stampAt(parent, item.aside);
    if (old && !isOneFile(parent.path, nameOf(item), item.aside)) return `${parent.name}/${item.aside}`;
    removeFile(`${parent.path}/${item.aside}`);
    return null;
  } finally {
    parent.close();
  }
}

/**
 * Whether the names beside the targets are free. The numbers of sessions begin again where our state was removed, and what
 * an earlier one has left there may be all that is left of an old file: it must not be taken for ours, and cleared up.
 * @throws Stopped that names it
 */
export function checkBesideFree(items: JournalItem[]): void {
  const walk = new Walk();
  let listed: Directory | null = null;
  let names: Set<string> | null = null;
  try {
    for (const item of items) {
      const parent = findParent(item.place, walk);
      if (!parent) continue;
      if (parent !== listed) names = namesIn(parent.path);
      listed = parent;
      for (const name of [item.temporary, item.aside])
        if (names?.has(name) ?? stampAt(parent, name) !== null)
          throw new Stopped(
            `${item.dataset}: ${parent.name}/${name} is there already, of another restore: it may be all that is left of an old file. Look at it, and move it away`,
          );
    }
  } finally {
    walk.close();
  }
}

/** Removes names beside a target; its directory may never have been made. */
function clear({place}: JournalItem, names: string[], walk?: Walk): void {
  const parent = findParent(place, walk);
  if (!parent) return;
  try {
    for (const name of names) removeFile(`${parent.path}/${name}`);
  } finally {
    parent.close();
  }
}

/** Removes what was staged and linked beside a live file that is the old one. */
export const clearBeside = (item: JournalItem, walk?: Walk): void =>
  clear(item, [item.temporary, item.aside], walk);

/** Removes what is left of staging; the old file keeps its second name. */
export const clearStaged = (item: JournalItem): void => clear(item, [item.temporary]);
