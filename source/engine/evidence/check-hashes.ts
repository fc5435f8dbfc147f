import fs from 'node:fs';
import path from 'node:path';
import {counted, listed} from '../base/format.ts';
import {describeError, errorCode} from '../base/problem.ts';
import type {Pool} from '../hashing/pool.ts';
import {safetyName} from '../session/safety-place.ts';
import {isVolatile} from '../storage/dataset.ts';
import {directoryOf, heldDirectory} from '../storage/held.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {readManifest} from '../storage/manifest/read.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {type EvidenceCheck, failed, gap, holds, notChecked} from './checks.ts';
import {knownOf} from './replaced-databases.ts';
import type {EvidenceBackup, EvidenceSession, Restored} from './schema.ts';

export type HashOptions = {
  /** The project, where it lies elsewhere than the record says; null for where it says. */
  root: string | null;
  /** Its backups, where they lie elsewhere. */
  backups: string | null;
  pool: Pool;
  signal?: AbortSignal | undefined;
};

const isName = (id: string): boolean => !/[/\0]/.test(id) && id !== '' && id !== '.' && id !== '..';

/** Where a backup lies now: among the others, held, or as a safety backup; null where it is gone. */
function findBackup(id: string, root: string | null, backups: string): string | null {
  if (!isName(id)) return null;
  const candidates = [
    directoryOf(backups, heldDirectory(root), id),
    ...(root === null ? [] : [`${root}/${stateName}/${safetyName}/${id}`]),
  ];
  return candidates.find((each) => fs.lstatSync(each, {throwIfNoEntry: false})?.isDirectory()) ?? null;
}

/** The copies of a backup, hashed again, against what the record says of each. */
export async function checkCopies(
  backup: EvidenceBackup,
  root: string | null,
  backups: string,
  {pool, signal}: HashOptions,
): Promise<EvidenceCheck[]> {
  const name = 'backup';
  const {id, datasets, manifest} = backup;
  let directory: string | null;
  try {
    directory = findBackup(id, root, backups);
  } catch (error) {
    return [gap(name, `${id} cannot be looked for: ${describeError(error)}`)];
  }
  if (directory === null)
    return [gap(name, `${id} is not there any more: pruned, deleted, or not on this machine`)];
  const checks: EvidenceCheck[] = [];
  if (manifest.digest !== null) {
    const read = readManifest(directory);
    if (read.state !== 'read') checks.push(failed(name, `${id}: its manifest cannot be read any more`));
    else if (manifestDigest(read.manifest.tree) !== manifest.digest)
      checks.push(failed(name, `${id}: its manifest was changed since (verifications aside)`));
  }
  const damaged: string[] = [];
  const without: string[] = [];
  let same = 0;
  await Promise.all(
    datasets.map(async (dataset) => {
      const due = (dataset.actual ?? dataset.expected)?.toLowerCase() ?? null;
      const segments = dataset.copy?.split('/') ?? [];
      if (due === null || dataset.algorithm === null || segments.length === 0 || !segments.every(isName))
        return without.push(dataset.name);
      const result = await pool.hash({directory, segments, algorithm: dataset.algorithm}, signal).result;
      if (result.status === 'read') {
        if (result.hash === due) same++;
        else damaged.push(`${dataset.name} (the copy is not what it was)`);
      } else if (result.status === 'cancelled') without.push(dataset.name);
      else if (result.status === 'not checked') without.push(`${dataset.name} (${result.reason})`);
      else damaged.push(`${dataset.name} (${result.reason})`);
      return undefined;
    }),
  );
  if (damaged.length > 0) checks.push(failed(name, `${id}: damaged since: ${listed(damaged.sort(), 5)}`));
  if (without.length > 0)
    checks.push(gap(name, `${id}: nothing to compare with, or cancelled: ${listed(without.sort(), 5)}`));
  if (checks.length === 0 && same > 0)
    checks.push(holds(name, `${id}: ${counted(same, 'copy', 'copies')} as the record says`));
  if (checks.length === 0) checks.push(gap(name, `${id}: the record has no copy of it to hash`));
  return checks;
}

/** A restored path in a tree that was moved. */
const movedTo = (file: string, from: string | null, to: string | null): string =>
  from !== null && to !== null && file.startsWith(`${from}/`)
    ? path.join(to, file.slice(from.length + 1))
    : file;

type Standing = {state: 'same' | 'drift' | 'damage' | 'unknown'; text: string};

/** Some file systems keep times that no calendar of ours reaches. */
const timeText = (milliseconds: number): string =>
  Math.abs(milliseconds) < 8.64e15 ? new Date(milliseconds).toISOString() : 'a time out of all range';

/** What became of a live file since the switch. @param since the switch, milliseconds since the epoch */
async function standingOf(
  restored: Restored,
  file: string,
  since: number,
  {pool, signal}: HashOptions,
): Promise<Standing> {
  const {action, at_switch: atSwitch, before, algorithm} = restored;
  const due = atSwitch ?? (action === 'unchanged' ? (before?.hash ?? null) : null);
  if (!path.isAbsolute(file)) return {state: 'unknown', text: 'the record does not say where it lies'};
  let stats: fs.Stats;
  try {
    stats = fs.lstatSync(file);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error)))
      return {state: 'unknown', text: describeError(error)};
    return action === 'remove'
      ? {state: 'same', text: 'removed, as it was'}
      : {state: 'damage', text: 'it is not there any more'};
  }
  const written = timeText(stats.mtimeMs);
  const isLater = stats.mtimeMs > since;
  const drift: Standing = {state: 'drift', text: `written to since, at ${written}`};
  if (action === 'remove')
    return isLater ? drift : {state: 'damage', text: 'it was removed, and is back with an older time'};
  const isOwn = restored.result === 'written to since';
  if (isOwn && due === null) return {state: 'drift', text: 'written to right after the switch'};
  if (due === null || algorithm === null) return {state: 'unknown', text: 'the record has no hash of it'};
  let directory: string;
  try {
    // `storage/` is often a link in deploy layouts: the way to the file may be one, the file itself may not.
    directory = fs.realpathSync(path.dirname(file));
  } catch (error) {
    return {state: 'unknown', text: describeError(error)};
  }
  const result = await pool.hash({directory, segments: [path.basename(file)], algorithm}, signal).result;
  if (result.status === 'cancelled') return {state: 'unknown', text: 'cancelled'};
  if (result.status !== 'read')
    return {state: 'damage', text: result.reason.replace('the copy', 'the live file')};
  if (result.hash === due.toLowerCase()) return {state: 'same', text: ''};
  return isLater || isOwn
    ? drift
    : {
        state: 'damage',
        text: `its bytes are other ones, and its time (${written}) is not after the switch: nothing that writes the usual way did that`,
      };
}

/** Lines for single files; what is more is counted. */
const mostLines = 20;

/**
 * The live files of a session, hashed again, against what they were right after the switch.
 * @param from the root that the record names, and the one where its tree lies now
 * @param volatile names of the datasets that change all the time
 */
export async function checkLiveFiles(
  session: EvidenceSession,
  from: string | null,
  root: string | null,
  volatile: string[],
  options: HashOptions,
): Promise<EvidenceCheck[]> {
  const name = 'live file';
  const all = session.restored.filter(({result}) => result !== 'not restored');
  const databases = new Set(session.databases?.map(({path}) => path));
  const restored = all.filter(({target}) => !databases.has(target));
  const unasked = (session.databases ?? []).map((each) =>
    notChecked(name, `${each.path}: no server is asked; ${knownOf(session, each)}`),
  );
  if (restored.length === 0 && unasked.length > 0) return unasked;
  if (restored.length === 0) return [notChecked(name, 'the session restored none')];
  if (session.drill && session.into !== null && !fs.existsSync(session.into))
    return [notChecked(name, `the drill's directory is gone: ${session.into}`)];
  const since = Date.parse(session.times.restored ?? session.ended_at ?? '');
  if (Number.isNaN(since)) return [gap(name, 'the record does not say when the switch was')];
  const found = await Promise.all(
    restored.map(async (each) => {
      const file = movedTo(each.target, from, root);
      return {...each, file, standing: await standingOf(each, file, since, options)};
    }),
  );
  const checks: EvidenceCheck[] = unasked;
  const same = found.filter(({standing}) => standing.state === 'same').length;
  if (same > 0)
    checks.push(holds(name, `${counted(same, 'live file is', 'live files are')} what the restore left`));
  const others = found.filter(({standing}) => standing.state !== 'same');
  for (const {dataset, file, standing} of others.slice(0, mostLines)) {
    const text = `${dataset} (${file}): ${standing.text}`;
    const kind = isVolatile(volatile, dataset) ? 'it is volatile' : 'drift, not damage';
    if (standing.state === 'damage') checks.push(failed(name, text));
    else if (standing.state === 'drift')
      checks.push(notChecked(name, `${text}: ${kind}; what was restored can no longer be seen`));
    else checks.push(gap(name, text));
  }
  const rest = others.slice(mostLines);
  if (rest.length > 0) {
    const damaged = rest.filter(({standing}) => standing.state === 'damage').length;
    const text = `${rest.length} more, ${damaged} of them damaged`;
    const isUnknown = rest.some(({standing}) => standing.state === 'unknown');
    checks.push((damaged > 0 ? failed : isUnknown ? gap : notChecked)(name, text));
  }
  return checks;
}
