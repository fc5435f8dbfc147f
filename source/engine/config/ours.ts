import fs from 'node:fs';
import path from 'node:path';
import {stateName} from '../storage/runbook/state-directory.ts';
import type {Configuration} from './configuration.ts';
import {lockName} from './metrics-file.ts';

/** A path with the links of what is there resolved; what is not there yet lies where its directory leads. */
export function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realPath(parent), path.basename(file));
  }
}

/** Something that this program writes itself, in words; by every real path that leads to it. */
type OurPlace = {what: string; reals: string[]; isDirectory: boolean; isRotated: boolean};

/** What of a root is written by this program: a restore that wrote over it would wipe out the trail of itself. */
export type Ours = OurPlace[];

export function oursOf(
  root: string,
  {auditLog, metrics: {value: metrics}, path: at, php}: Configuration,
): Ours {
  const file = (what: string, files: string[], isRotated: boolean): OurPlace => {
    // A link in its place leads to it as well.
    const links = files.map((at) => path.join(realPath(path.dirname(at)), path.basename(at)));
    return {what, reals: [...new Set([...links, ...files.map(realPath)])], isDirectory: false, isRotated};
  };
  const directory = (what: string, at: string[]): OurPlace => ({
    what,
    reals: [...new Set(at.map(realPath))],
    isDirectory: true,
    isRotated: false,
  });
  return [
    file('the audit log', [auditLog.value], true),
    file('the metrics of this program', [metrics, `${path.dirname(metrics)}/${lockName}`], false),
    directory('the backups', [path.join(root, 'storage/backups'), at.value, php.path]),
    directory('the state of this program', [path.join(root, stateName)]),
  ];
}

/** What logrotate appends to the name of a log. */
const rotated = /^[.-]\d/;

/** Which of it a file is, or lies in; null where it is none of it. @param real its real path */
export const whichOfOurs = (ours: Ours, real: string): OurPlace | null =>
  ours.find(({reals, isDirectory, isRotated}) =>
    reals.some(
      (each) =>
        real === each ||
        (isDirectory && real.startsWith(`${each}/`)) ||
        (isRotated && real.startsWith(each) && rotated.test(real.slice(each.length))),
    ),
  ) ?? null;

/** What of it lies below a directory. @param real its real path */
export const oursBelow = (ours: Ours, real: string): OurPlace[] =>
  ours.filter(({reals}) => reals.some((each) => each.startsWith(`${real}/`)));
