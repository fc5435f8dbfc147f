import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {Directory} from '../base/directory.ts';
import {inodeOf, seenAt} from '../base/files.ts';
import {nearestOwn} from '../base/own-way.ts';
import {findLeft} from '../storage/runbook/left.ts';
import {findState} from '../storage/runbook/state-directory.ts';
import {buildingName} from '../storage/runbook/unfinished.ts';

/** The files in what a kill has left in a directory; what somebody else has put there is not ours. */
function filesLeftIn(directory: Directory): string[] {
  const ours = [0, process.getuid?.() ?? 0];
  return findLeft(directory).flatMap((name) => {
    using place = directory.find(name);
    if (!place) return [];
    if (!ours.includes(place.stats.uid)) return [];
    return fs.readdirSync(place.path).map((file) => inodeOf(fs.lstatSync(`${place.path}/${file}`)));
  });
}

/**
 * Second names of live databases in private places of SQLite's that a kill has left (`SqlitePlace`). They keep nothing that
 * anybody needs, and go as soon as the next place is made.
 */
export class LeftNames {
  readonly #root: string;
  /** The files by their directories, which are looked into once. */
  readonly #files = new Map<string, string[]>();
  #built: string[] | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  /** How many of a live file's names are such. @param real its path, without links */
  countOf(real: string): number {
    const file = seenAt(real);
    if (!file) return 0;
    const id = inodeOf(file);
    const directories = ['/var/tmp', os.tmpdir(), nearestOwn(real)].flatMap((each) => realOf(each));
    this.#built ??= this.#inBuilding();
    const names = [...this.#built, ...[...new Set(directories)].flatMap((each) => this.#in(each))];
    return names.filter((each) => each === id).length;
  }

  #in(directory: string): string[] {
    const known = this.#files.get(directory) ?? readLeft(directory);
    this.#files.set(directory, known);
    return known;
  }

  #inBuilding(): string[] {
    const state = findState(this.#root);
    const building = state?.find(buildingName);
    try {
      if (!building) return [];
      const below = fs.readdirSync(building.path, {recursive: true, withFileTypes: true});
      const directories = below.filter((entry) => entry.isDirectory());
      return directories.flatMap(({parentPath, name}) => readLeft(path.join(parentPath, name)));
    } catch {
      // Who may not look there is told of the second name.
      return [];
    } finally {
      building?.close();
      state?.close();
    }
  }
}

function realOf(directory: string | null): string[] {
  try {
    return directory === null ? [] : [fs.realpathSync(directory)];
  } catch {
    // Not there: then nothing is left in it.
    return [];
  }
}

function readLeft(at: string): string[] {
  try {
    using directory = Directory.open(at);
    return filesLeftIn(directory);
  } catch {
    // What cannot be seen counts as somebody's name for the file.
    return [];
  }
}
