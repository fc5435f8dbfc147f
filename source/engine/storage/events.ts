import path from 'node:path';
import * as z from 'zod/mini';
import {counted, formatBytes, formatDuration} from '../base/format.ts';
import {counter, epoch, event, measure, result, where} from './event-row.ts';

/** Datasets that an event lists; of more it says how many there are. */
export const mostListed = 100;

const text = z.string();
const count = z.int().check(z.nonnegative());
const seconds = z.number().check(z.nonnegative());
const optional = z.nullable(text);
const session = z.int().check(z.positive());

/** What every restore's event says. */
const restore = {
  /** Of the backup. */
  id: text,
  session,
  /** Into a directory of its own: no live file is touched. */
  drill: z.boolean(),
  /** The session that it takes back; null for an ordinary restore. */
  undoes: z.nullable(session),
};

const kindOf = ({drill, undoes}: {drill: boolean; undoes: number | null}): string | null =>
  undoes !== null ? `undo of session ${undoes}` : drill ? 'drill' : null;

/** A drill moves metrics of its own: the others are about live files, which it does not touch. An undo is a restore. */
const isDrill = ({drill}: {drill: boolean}): boolean => drill;
const isLive = ({drill}: {drill: boolean}): boolean => !drill;

const drillFailed = where(
  isDrill,
  counter(22, 'magdb_drills_failed_total', 'MagDB restore drills that did not succeed.'),
  epoch(24, 'magdb_last_drill_failed_epoch', 'of the last MagDB restore drill that did not succeed.'),
);

/**
 * Every event of ours: its name, as it goes into the site's action catalog, when it happens, what its payload says, what
 * it amounts to, and the metrics that it moves. Those that the runbook names have the kernel's type and help text to the
 * letter: node_exporter drops a series whose name it has read with another one. docs/FORMAT.md, "Events and metrics of
 * the runbook".
 */
export const registry = {
  'magdb.backup.completed': event({
    summary: 'a backup is there',
    fields: {
      id: text,
      label: text,
      datasets: count,
      /** Names of the datasets that are not in it although they are configured. */
      missing: z.array(text),
      bytes: count,
      /** SHA-256 over what the manifest says, whatever a verification adds to it later. */
      manifest_digest: optional,
      seconds,
    },
    result: ({missing, datasets, bytes, seconds}) =>
      result(
        missing.length > 0 ? 'beware' : 'good',
        missing.length > 0 && `without ${missing.join(' ')}`,
        counted(datasets, 'dataset'),
        formatBytes(bytes),
        formatDuration(seconds),
      ),
    metrics: [
      counter(1, 'magdb_backups_total', 'MagDB backups executed.'),
      epoch(2, 'magdb_last_backup_epoch', 'of the last successful MagDB backup.'),
      measure(6, 'magdb_backup_bytes', 'bytes', 'Bytes of the copies in the last MagDB backup.'),
    ],
  }),
  'magdb.backup.failed': event({
    summary: 'a backup was to be made, and was not',
    fields: {id: optional, label: text, reason: text},
    result: ({reason}) => result('bad', reason),
    metrics: where(
      // The operator who stops one knows: no one has to be woken.
      ({reason}: {reason: string}) => reason !== 'cancelled',
      counter(3, 'magdb_backups_failed_total', 'Runs that were to make a MagDB backup and made none.'),
      epoch(4, 'magdb_last_backup_failed_epoch', 'of the last run that made no MagDB backup.'),
    ),
  }),
  'magdb.backup.finished': event({
    summary: 'a backup that had been cut off got its manifest, for what lies in it whole',
    fields: {
      id: text,
      /** Those that it holds now, and those that are configured and not in it; at most 100 of each. */
      datasets: z.array(text),
      missing: z.array(text),
      bytes: count,
      manifest_digest: optional,
      seconds,
    },
    result: ({datasets, missing, bytes}) =>
      result(
        missing.length > 0 ? 'beware' : 'good',
        `holds ${datasets.join(' ')}`,
        missing.length > 0 && `without ${missing.join(' ')}`,
        formatBytes(bytes),
      ),
    metrics: [
      counter(
        28,
        'magdb_backups_finished_total',
        'MagDB backups that had been cut off and were finished later.',
      ),
    ],
  }),
  'magdb.backup.extracted': event({
    summary: 'data were copied out of a backup, to wherever an operator named',
    fields: {
      id: text,
      /** At most 100. */
      datasets: z.array(text),
      /** Absolute path of the file, or directory, that was made. */
      target: text,
      files: count,
      bytes: count,
    },
    result: ({datasets, target, files, bytes}) =>
      result(
        'none',
        datasets.join(' '),
        `to ${target}`,
        files !== 1 && counted(files, 'file'),
        formatBytes(bytes),
      ),
    metrics: [
      counter(29, 'magdb_backup_extracts_total', 'Times that data were copied out of MagDB backups.'),
    ],
  }),
  'magdb.backup.pruned': event({
    summary: 'retention removed a backup, or the safety backup of a restore',
    fields: {id: text, reason: text},
    result: ({reason}) => result('none', reason),
    metrics: [counter(5, 'magdb_backups_pruned_total', 'MagDB backups removed by retention.')],
  }),
  'magdb.backup.held': event({
    summary: 'a backup was held: no retention can delete it',
    fields: {
      id: text,
      reason: text,
      /** Names of the datasets of which there is no copy to hold; at most 100. */
      missing: z.array(text),
    },
    result: ({reason, missing}) =>
      result(
        missing.length > 0 ? 'beware' : 'none',
        missing.length > 0 && `without ${missing.join(' ')}`,
        reason,
      ),
    metrics: [],
  }),
  'magdb.backup.released': event({
    summary: 'a held backup was released: retention may delete it',
    fields: {
      id: text,
      /** Why it stays held all the same; null where it does not. */
      stays: optional,
      /** It lay nowhere else, and is gone. */
      deleted: z.boolean(),
    },
    result: ({stays, deleted}) =>
      result(
        deleted ? 'beware' : 'none',
        deleted ? 'deleted: it was the only copy left' : stays !== null && `stays held ${stays}`,
        !deleted && stays === null && 'retention may delete it',
      ),
    metrics: [],
  }),
  'magdb.backup.verify_completed': event({
    summary: 'a backup was verified, with whatever result',
    fields: {id: text, success: z.boolean(), datasets: count},
    result: ({success, datasets}) =>
      result(success ? 'good' : 'bad', success ? 'passed' : 'did not pass', counted(datasets, 'dataset')),
    metrics: [
      counter(
        7,
        'magdb_backup_verifications_total',
        'Verifications of MagDB backups, whatever their result.',
      ),
      epoch(9, 'magdb_last_verify_epoch', 'of the last verification of a MagDB backup, whatever its result.'),
      measure(
        10,
        'magdb_last_verify_success',
        'success',
        'Whether the last verification of a MagDB backup passed (1 passed, 0 failed).',
      ),
      ...where(
        ({success}: {success: boolean}) => success,
        epoch(11, 'magdb_last_verify_passed_epoch', 'of the last verification that passed.'),
      ),
    ],
  }),
  'magdb.backup.verify_failed': event({
    summary: 'a backup was verified, and did not pass',
    fields: {
      id: text,
      reason: text,
      /** Those that did not match, at most 100. */
      datasets: z.array(
        z.object({
          name: text,
          status: text,
          algorithm: optional,
          expected: optional,
          actual: optional,
          reason: optional,
        }),
      ),
      /** How many did not match. */
      failed: count,
    },
    // The names first: a list has room for a few words.
    result: ({datasets, reason}) =>
      result(
        'bad',
        datasets.length === 0 ? reason : datasets.map(({name, status}) => `${name} ${status}`).join(', '),
      ),
    metrics: [
      counter(8, 'magdb_backup_verify_failed_total', 'Verifications that a MagDB backup did not pass.'),
      epoch(12, 'magdb_last_verify_failed_epoch', 'of the last verification that failed.'),
    ],
  }),
  'magdb.restore.started': event({
    summary: 'a restore begins; nothing has been written yet',
    fields: {
      ...restore,
      purpose: optional,
      ticket: optional,
      authorised_by: optional,
      /** Hash of the plan that was agreed to. */
      plan: text,
      /** Those that are to change, at most 100. */
      datasets: z.array(text),
      /** In which it goes another way than it should. */
      deviations: z.array(text),
    },
    result: ({datasets, deviations, ticket, ...about}) =>
      result(
        deviations.length > 0 ? 'beware' : 'none',
        kindOf(about),
        datasets.join(' '),
        ticket,
        deviations.length > 0 && `deviations: ${deviations.join('; ')}`,
      ),
    metrics: [],
  }),
  'magdb.restore.completed': event({
    summary: 'the files are those of the backup',
    fields: {
      ...restore,
      /** How many files were changed. */
      files: count,
      /** Null where a restore was finished that had stopped halfway. */
      seconds: z.nullable(seconds),
    },
    result: ({files, seconds, ...about}) =>
      result('good', kindOf(about), counted(files, 'file'), seconds !== null && formatDuration(seconds)),
    metrics: [
      ...where(
        isLive,
        counter(14, 'magdb_restores_total', 'MagDB restore operations executed.'),
        epoch(15, 'magdb_last_restore_epoch', 'of the last MagDB restore.'),
      ),
      ...where(
        isLive,
        measure(20, 'magdb_restore_duration_seconds', 'seconds', 'Seconds that the last MagDB restore took.'),
      ),
      ...where(
        isDrill,
        counter(21, 'magdb_drills_total', 'MagDB restore drills executed.'),
        epoch(23, 'magdb_last_drill_epoch', 'of the last successful MagDB restore drill.'),
      ),
      ...where(
        isDrill,
        measure(
          25,
          'magdb_drill_duration_seconds',
          'seconds',
          'Seconds that the last MagDB restore drill took.',
        ),
      ),
    ],
  }),
  'magdb.restore.failed': event({
    summary: 'a restore ended before it changed a file, or stopped halfway',
    fields: {...restore, outcome: z.enum(['refused', 'cancelled', 'needs-recovery']), reason: text},
    result: ({outcome, reason, ...about}) =>
      result(
        outcome === 'cancelled' ? 'beware' : 'bad',
        kindOf(about),
        reason === outcome ? outcome : `${outcome}: ${reason}`,
      ),
    metrics: [
      ...where(
        isLive,
        counter(
          16,
          'magdb_restores_failed_total',
          'MagDB restores that ended before a file was changed, or stopped halfway.',
        ),
        epoch(
          17,
          'magdb_last_restore_failed_epoch',
          'of the last MagDB restore that ended before a file was changed, or stopped halfway.',
        ),
      ),
      ...drillFailed,
    ],
  }),
  'magdb.restore.rolled_back': event({
    summary: 'a restore was taken back: the files are those from before',
    fields: {...restore, reason: text},
    result: ({reason, ...about}) => result('beware', kindOf(about), reason),
    metrics: [
      ...where(
        isLive,
        counter(18, 'magdb_restores_rolled_back_total', 'MagDB restores that were taken back.'),
        epoch(19, 'magdb_last_restore_rolled_back_epoch', 'at which a MagDB restore was last taken back.'),
      ),
      ...drillFailed,
    ],
  }),
  'magdb.evidence.exported': event({
    summary: 'an evidence file was written',
    fields: {
      /** Of the backup, where it is about one. */
      id: optional,
      session: z.nullable(session),
      file: text,
      sha256: text,
      record: text,
      kind: text,
      /** Fingerprint of the key; null where it is unsigned. */
      signed_by: optional,
    },
    result: ({file, session, signed_by}) =>
      result(
        signed_by === null ? 'beware' : 'good',
        session !== null && `session ${session}`,
        signed_by === null ? 'unsigned' : 'signed',
        path.basename(file),
      ),
    metrics: [],
  }),
  'magdb.checklist.completed': event({
    summary: 'a restore was signed off',
    fields: {
      id: text,
      session,
      /** How many steps were answered so. */
      done: count,
      failed: count,
      skipped: count,
    },
    result: ({session, done, failed, skipped}) =>
      result(
        failed + skipped > 0 ? 'beware' : 'good',
        `session ${session}`,
        `${done} done`,
        failed > 0 && `${failed} failed`,
        skipped > 0 && `${skipped} skipped`,
      ),
    metrics: [],
  }),
};

export type EventName = keyof typeof registry;
export const eventNames = Object.keys(registry) as [EventName, ...EventName[]];

type Payload<Name extends EventName> = z.infer<(typeof registry)[Name]['fields']>;
/** Something that others must learn of: its name, and what its payload says of it. */
export type Happening = {[Name in EventName]: {action: Name; payload: Payload<Name>}}[EventName];
