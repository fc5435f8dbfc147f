import fs from 'node:fs';
import type {Directory} from '../base/directory.ts';
import {closing} from '../base/files.ts';
import {openExactlyInside} from '../base/open-inside.ts';
import {errorCode, withAdvice} from '../base/problem.ts';
import {createFile, syncDirectory} from '../base/replace-file.ts';
import {fileIdentity} from '../hashing/hash-file.ts';
import {backupTime} from '../storage/backup-id.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {parseManifest, readManifest, whyTooLarge} from '../storage/manifest/read.ts';
import {type MadeCopy, manifestText} from '../storage/manifest/write.ts';
import {type CutOffBackup, cannot, type FinishPlan, tryLater} from './finish-plan.ts';

/** A copy that was read, and which file that was. */
type ReadCopy = {name: string; segments: string[]; identity: string | null};

/** The directories that lead to copies, from `datasets` on. */
const waysTo = (copies: ReadCopy[]): Set<string> =>
  new Set(
    copies.flatMap(({segments}) => segments.slice(1).map((_, at) => segments.slice(0, at + 1).join('/'))),
  );

/** That each copy is still the file that was read, and is on the disk under its name. */
export function settleCopies(id: string, directory: Directory, copies: ReadCopy[]): void {
  try {
    for (const way of waysTo(copies)) syncDirectory(`${directory.path}/${way}`);
  } catch (error) {
    throw cannot(id, `its copies cannot be brought to the disk: ${withAdvice(error)}`);
  }
  for (const {name, segments, identity} of copies) {
    const opened = openExactlyInside(`${directory.path}/.`, segments);
    if ('status' in opened) throw cannot(id, `${name}: ${opened.reason}`);
    using _ = closing(opened.fd);
    if (fileIdentity(opened.stats) !== identity)
      throw cannot(id, `${name} changed since it was read: ${tryLater}`);
    fs.fsyncSync(opened.fd);
  }
}

/** Writes it where there is none, durably. @returns what there is to say although it is there */
export function writeManifest(
  id: string,
  directory: Directory,
  backups: Directory,
  {text, digest}: MadeManifest,
): string[] {
  if (!directory.isAt(backups, id)) throw cannot(id, 'something else was put in its place meanwhile');
  const owner = backups.stats;
  try {
    createFile(directory.path, 'manifest.json', text, owner, owner.mode & 0o666);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw cannot(id, 'it got a manifest meanwhile');
    const read = readManifest(directory.path);
    if (read.state !== 'read' || manifestDigest(read.manifest.tree) !== digest)
      throw cannot(id, `its manifest cannot be written: ${withAdvice(error)}`);
    return [`manifest.json is there, but may not survive a power cut: ${withAdvice(error)}`];
  }
  return [];
}

type MadeManifest = {text: string; digest: string};

/** The text of its manifest, and the digest over that. */
export function makeManifest(
  {id, backups, configuration}: CutOffBackup,
  {missing, leftOut}: FinishPlan,
  copies: MadeCopy[],
  lastWritten: number,
): MadeManifest {
  const began = new Date((backupTime(id) ?? 0) * 1000);
  const finished = new Date();
  const text = manifestText({
    id,
    backups,
    algorithm: configuration.algorithm.value,
    label: id.slice('20260101_000000_'.length),
    connection: configuration.connection,
    began,
    // A clock may have been wrong.
    ended: new Date(Math.max(began.getTime(), Math.min(lastWritten, finished.getTime()))),
    finished,
    copies,
    missing,
    changed: [],
    leftOut,
    directories: new Map(),
  });
  const tooLarge = whyTooLarge(copies.length, Buffer.byteLength(text));
  if (tooLarge !== null) throw cannot(id, tooLarge);
  const parsed = parseManifest(Buffer.from(text));
  if ('reason' in parsed) throw new Error(`the manifest that was made cannot be read: ${parsed.reason}`);
  return {text, digest: manifestDigest(parsed.tree)};
}
