import fs from 'node:fs';
import {escapeText} from '../engine/base/escape.ts';
import {parseDuration} from '../engine/base/format.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {listBackups, parents, whyOnlyHeld} from '../engine/catalog/list.ts';
import {readRow} from '../engine/catalog/row.ts';
import {configuredAlgorithm} from '../engine/config/configuration.ts';
import type {ContentSummary} from '../engine/content/check.ts';
import {type Pool, sharedPool} from '../engine/hashing/pool.ts';
import {checkBackupId} from '../engine/storage/backup-id.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import type {Place} from '../engine/storage/root.ts';
import {checkNotLed} from '../engine/storage/runbook/way.ts';
import type {BackupResult} from '../engine/verify/record.ts';
import {verify as verifyBackups} from '../engine/verify/verify.ts';
import {noProgress, reduceVerify} from '../presenters/verify-progress.ts';
import {writeJson, writeLine} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openPlace, placeOf, wrongUsage} from './command.ts';
import {findLatestOr} from './find-backup.ts';
import {all, idOrLatest as id, text, yes} from './flags.ts';
import {jsonPrinter, type Printer, textPrinter} from './verify-printers.ts';

const flags = {
  id,
  all,
  maxAge: text('AGE', 'only those not verified within AGE: 30m, 12h, 7d, 2w'),
  content: yes('then look inside: JSON parses, SQLite and pg_restore find no fault'),
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'hash the copies again, compare, and record the result beside the backup',
  task: 'Prove',
  operands: ['[ID]'],
  flags,
  examples: ['magds backup verify --all --max-age=7d', 'magds backup verify latest --content'],
  run,
};

function readMaxAge(flags: Call['flags']): number | null {
  if (flags.maxAge === undefined) return null;
  const seconds = parseDuration(flags.maxAge);
  if (seconds !== null) return seconds;
  wrongUsage(
    `--max-age ${escapeText(flags.maxAge)} is not an age. Give a number and s, m, h, d or w, such as 7d.`,
  );
}

/**
 * Which backups to verify, and which are left out because they passed recently.
 * @returns `lost`: why there may be others, which were asked for and are not here; null where there are none
 */
function choose(invocation: Call, place: Place): {ids: string[]; recent: string[]; lost: string | null} {
  const {flags} = invocation;
  const maxAge = readMaxAge(flags);
  if (flags.id === undefined && !flags.all && maxAge === null) {
    wrongUsage('Verify what? Give --id=ID, --all, or --max-age=7d for those not verified in that time.');
  }
  if (flags.id !== undefined && flags.all) wrongUsage('Give --id or --all, not both.');
  const held = heldDirectory(place.root);
  const listing = listBackups(place.backups, held);
  const candidates = flags.id === undefined ? listing.ids : [findLatestOr(place, flags.id)];
  if (candidates.length === 0) {
    throw new Problem(
      exitCode.notFound,
      `There are no backups in ${escapeText(place.backups)}: nothing was checked.`,
    );
  }
  const isNamed = candidates[0] === flags.id;
  const lost = isNamed ? null : whyOnlyHeld(listing, place.backups);
  if (maxAge === null) return {ids: candidates, recent: [], lost};
  const now = Date.now();
  const parentOf = parents(listing, place.backups, held);
  const isRecent = (id: string): boolean => {
    const {state, verification} = readRow(parentOf(id), id, now);
    const passed =
      state === 'complete' && (verification.state === 'verified' || verification.state === 'stale');
    if (!passed || verification.changed) return false;
    const age = (now - Date.parse(verification.at ?? '')) / 1000;
    return age >= 0 && age <= maxAge;
  };
  const recent = candidates.filter(isRecent);
  return {ids: candidates.filter((id) => !recent.includes(id)), recent, lost};
}

/** What was found inside counts for whoever asked for it: unaltered but broken is no pass, and unchecked not all of one. */
function exitOf(
  results: BackupResult[],
  recent: string[],
  contents: ContentSummary[],
  untold: string[],
  lost: string | null,
  quiet: boolean,
): ExitCode {
  const some = (wanted: ContentSummary['outcome']): boolean =>
    contents.some(({outcome}) => outcome === wanted);
  if (results.some(({result}) => result === 'cancelled') || some('cancelled')) return exitCode.cancelled;
  const failed = results.filter(({result}) => result === 'failed');
  const isKnown = quiet && failed.length > 0 && failed.every(({known}) => known);
  if ((failed.length > 0 && !isKnown) || some('broken')) return exitCode.verificationFailed;
  // What was to be told and was not would go unnoticed behind a 0.
  if (some('not checked') || untold.length > 0 || lost !== null) return exitCode.partial;
  // One that goes is no loss to whoever asked for all, but nothing was checked where all are gone.
  if (results.some(({result}) => result === 'running' || result === 'not checked')) return exitCode.partial;
  if (results.length > 0 && recent.length === 0 && results.every(({result}) => result === 'gone'))
    return exitCode.partial;
  if (isKnown) return exitCode.known;
  return results.length + recent.length > 0 ? exitCode.done : exitCode.notFound;
}

type Events = ReturnType<typeof verifyBackups>;

/** What is known only once the configuration was read. */
type Settled = {record: boolean; algorithm: string | null};

/**
 * Reading the configuration takes as long as hashing 30 MB. The backup that is asked for is looked for where backups lie
 * by default, and hashed meanwhile; nothing is recorded before the configuration says that it is the one.
 */
function beginEarly({flags, signal, ...rest}: Call, pool: Pool) {
  const {promise: settled, resolve: decide} = Promise.withResolvers<Settled>();
  const {root, backups} = placeOf({flags, ...rest});
  const begun =
    flags.id !== undefined && root !== null && fs.existsSync(`${backups}/${flags.id}/manifest.json`)
      ? verifyBackups({
          root,
          backups,
          held: heldDirectory(root),
          ids: [flags.id],
          algorithm: settled.then(({algorithm}) => algorithm),
          pool,
          signal,
          record: settled.then(({record}) => record),
        })
      : null;
  const first = begun?.next();
  // What ends it is told to whoever takes it.
  first?.catch(() => {});
  return {
    /** Its events, if these are the backups that are meant; null where they have to be begun. */
    take(place: Place, ids: string[], algorithm: string | null): Events | null {
      const meant = begun && first && place.backups === backups && ids.join() === flags.id;
      if (!meant) return null;
      decide({record: !flags.readOnly, algorithm});
      return (async function* () {
        const {value} = await first;
        if (value) yield value;
        yield* begun;
      })();
    },
    /** Ends what was not meant. */
    async end(): Promise<void> {
      decide({record: false, algorithm: null});
      await begun?.return();
    },
  };
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  if (flags.id !== undefined) checkBackupId(flags.id);
  const pool = sharedPool();
  const early = beginEarly(invocation, pool);
  try {
    const {place, configuration} = await openPlace(invocation);
    // What is found is written beside the backups.
    if (place.root !== null && !flags.readOnly) checkNotLed(place.root, place.backups);
    const {ids, recent, lost} = choose(invocation, place);
    const content = flags.content === true;
    const printer: Printer = (flags.json ? jsonPrinter : textPrinter)(recent, content);
    const began = performance.now();
    let progress = noProgress;
    const {backups} = place;
    const {root} = place;
    const held = heldDirectory(root);
    const algorithm = configuredAlgorithm(configuration);
    const events =
      early.take(place, ids, algorithm) ??
      verifyBackups({root, backups, held, ids, algorithm, pool, signal, record: !flags.readOnly});
    const project = root !== null && configuration ? {root, backups, configuration} : null;
    const {tellVerification} = await import('../engine/verify/tell-verification.ts');
    for await (const event of tellVerification(events, flags.readOnly ? null : project, signal)) {
      progress = reduceVerify(progress, event, (performance.now() - began) / 1000);
      await printer.verify(event, progress);
    }
    const contents: ContentSummary[] = [];
    if (content && !signal.aborted) {
      const {checkContent} = await import('../engine/content/check.ts');
      const readOnly = flags.readOnly === true;
      for (const {id, result, datasets} of progress.results ?? []) {
        if (result === 'gone' || result === 'running') continue;
        const options = {backups, held, root, id, datasets, readOnly, signal};
        for await (const event of checkContent(options)) {
          await printer.content(event);
          if (event.type === 'content finished') contents.push(event.summary);
        }
      }
    }
    if (lost !== null)
      await (flags.json
        ? writeJson({message_type: 'error', id: null, reason: lost})
        : writeLine(`! ${escapeText(lost)}.`));
    await printer.end();
    return exitOf(progress.results ?? [], recent, contents, progress.untold, lost, flags.quiet ?? false);
  } finally {
    await early.end();
    pool.close();
  }
}
