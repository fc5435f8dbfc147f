import fs from 'node:fs';
import path from 'node:path';
import {describeError, errorCode} from '../base/problem.ts';
import type {LiveOptions} from './check-copies.ts';
import {type Check, count, failed, gap, notChecked, ok} from './checks.ts';
import type {EvidenceSession, Restored} from './schema.ts';

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
  {pool, signal}: LiveOptions,
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
  options: LiveOptions,
): Promise<Check[]> {
  const name = 'live file';
  const restored = session.restored.filter(({result}) => result !== 'not restored');
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
  const checks: Check[] = [];
  const same = found.filter(({standing}) => standing.state === 'same').length;
  if (same > 0)
    checks.push(ok(name, `${count(same, 'live file is', 'live files are')} what the restore left`));
  const others = found.filter(({standing}) => standing.state !== 'same');
  for (const {dataset, file, standing} of others.slice(0, mostLines)) {
    const text = `${dataset} (${file}): ${standing.text}`;
    const kind = volatile.includes(dataset) ? 'it is volatile' : 'drift, not damage';
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
