import fs from 'node:fs';
import path from 'node:path';
import {notRegular, readSmallFile, seenAt} from '../base/files.ts';
import {counted, formatAge, formatBytes, listed} from '../base/format.ts';
import {shellWord} from '../base/shell-word.ts';
import {lastRunName} from '../config/last-run.ts';
import {metricsFile} from '../config/metrics-file.ts';
import {lookAtLog, whyNoAudit} from '../events/log/audit-log.ts';
import {describeHolders} from '../events/log/lock-holders.ts';
import {largestMetrics} from '../events/metrics/metrics-place.ts';
import {readValues} from '../events/metrics/metrics-text.ts';
import {knownEvidence, stateOfEvidence} from '../evidence/known.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {
  beware,
  type Findings,
  type InProject,
  type InRoot,
  type LaterFindings,
  unknown,
  wrong,
} from './check.ts';
import {may, userNamed} from './identity.ts';

/** Bytes from which on an audit log wants to be rotated. */
const large = 1024 ** 3;

export async function* checkAuditLog(subject: InProject): LaterFindings {
  const {root, configuration} = subject;
  const file = configuration.auditLog.value;
  const name = subject.short(file);
  const why = await whyNoAudit(root, file);
  if (why !== null) {
    const directory = path.dirname(file);
    const show = fs.existsSync(directory) ? `ls -l ${shellWord(file)}` : `ls -ld ${shellWord(directory)}`;
    yield subject.isOnlooker
      ? unknown(`you may not write ${name}; whether ${subject.ownerName} may is not known`)
      : wrong(why, 'No restore begins before that is fixed. Look:', [show]);
    return undefined;
  }
  const log = lookAtLog(root, file);
  if (!log) return `${name} is not there yet; the first event creates it`;
  const said = `${name} can be written, ${formatBytes(log.bytes)}`;
  if (log.passedOver)
    yield beware(
      `${said}; its lock is held by ${describeHolders(log.passedOver)}, who may not write it`,
      'Each event waits for it, then goes on without it, and so is late. See what it is, and stop it:',
      log.passedOver.map(({pid}) => `ps -o pid,user,etime,args -p ${pid}`),
    );
  if (log.torn)
    yield beware(
      `${said}; its last line was cut short: its writer was killed, or the disk was full`,
      'Nothing to do: the next event begins a line of its own. The line itself:',
      [`tail -n 1 ${shellWord(file)}`],
    );
  if (log.bytes > large) yield beware(`${said}: that is large`, 'Let it be rotated (logrotate).');
  return said;
}

/** Seconds that the metrics may be older than what they should tell of. */
const tolerance = 60;

const modifiedAt = (file: string): number | null =>
  fs.statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? null;

/** Why what the file says is not all; null where it is. @param tree real path of `storage/` */
function whyNoMetrics(file: string, tree: string): string | null {
  const read = readSmallFile(file, largestMetrics);
  if ('missing' in read) return 'it vanished';
  return 'data' in read ? readValues(read.data.toString('utf8'), tree).flaw : `it ${read.reason}`;
}

/** As whom node_exporter runs: in Debian, and as its own documentation has it. */
const readers = ['prometheus', 'node_exporter', 'node-exporter', 'nodeexporter'];
const others = {uid: -1, groups: new Set<number>()};

/** What of the way to a file, or the file, is closed to the reader of metrics, who may not be known; null where nothing is. */
function whatIsClosed(file: string): {closed: string; reader: string | null} | null {
  const reader = readers.find((each) => userNamed(each)) ?? null;
  const identity = (reader !== null && userNamed(reader)) || others;
  const way = [path.dirname(path.dirname(file)), path.dirname(file)];
  const shut = way.find((each) => !may(identity, fs.statSync(each), 1));
  const closed = shut ?? (may(identity, fs.statSync(file), 4) ? null : file);
  return closed === null ? null : {closed, reader};
}

export function* checkMetrics(subject: InRoot): Findings {
  const {root, now, configuration} = subject;
  const file = configuration?.metrics.value ?? metricsFile(root);
  const name = subject.short(file);
  const lastRun = modifiedAt(`${root}/${stateName}/${lastRunName}`);
  const stats = seenAt(file);
  const run = [subject.command('backup run')];
  if (!stats) {
    if (lastRun !== null)
      yield beware(
        `${name} is not there, although backups were made: nothing is counted, and no alert can fire`,
        'The next backup makes it again, or says why it cannot:',
        run,
      );
    return `${name} is not there yet; the first backup creates it`;
  }
  const kind = notRegular(stats);
  if (kind) {
    yield wrong(`${name} is ${kind}, not a file`, 'Move it away.');
    return undefined;
  }
  const age = (now - stats.mtimeMs) / 1000;
  const said = `${name}, written ${age < 60 ? 'just now' : `${formatAge(age)} ago`}`;
  if (lastRun !== null && lastRun - stats.mtimeMs > tolerance * 1000) {
    const advice = 'The next backup writes it again, or says why it cannot:';
    yield beware(`${said}: before the last backup, which is not in it`, advice, run);
    return undefined;
  }
  const found = whatIsClosed(file);
  if (found && found.reader !== null) {
    const {closed, reader} = found;
    yield beware(
      `${said}: by its owner and mode ${reader}, as whom node_exporter runs, may not get through ${subject.short(closed)}`,
      `Put ${reader} into its group, or open it to all:`,
      [`ls -ld ${shellWord(closed)}`, `chmod o+${closed === file ? 'r' : 'x'} ${shellWord(closed)}`],
    );
    return undefined;
  }
  const flaw = whyNoMetrics(file, fs.realpathSync(`${root}/storage`));
  if (flaw !== null)
    yield beware(
      `${said}: ${flaw}`,
      'The next event writes it again, and goes on from what can be read of it. To look at it:',
      [`head ${shellWord(file)}`],
    );
  return found
    ? `${said}; others may not get through ${subject.short(found.closed)}, so node_exporter has to be in its group`
    : said;
}

/** Whether the evidence that was written is still there: by its list, and by the audit log, which outlives that. */
export async function* checkEvidenceFiles(subject: InProject): LaterFindings {
  const {root, configuration, state, options} = subject;
  const known = await knownEvidence(state, root, configuration.auditLog.value, options.signal);
  const {inList, unlisted} = known;
  if (inList.length + unlisted.length === 0) return undefined;
  const {missing, changed, unread} = stateOfEvidence(root, known);
  const where =
    'Ask who moved it, and bring it back from where evidence is handed in. All that is known of it:';
  const activity = [subject.command('activity')];
  if (changed.length > 0) yield wrong(`changed since it was written: ${listed(changed, 3)}`, where, activity);
  if (missing.length > 0)
    yield wrong(`gone from storage/runbook/evidence: ${listed(missing, 3)}`, where, activity);
  if (unlisted.length > 0) {
    const names = unlisted.map(({file}) => file);
    yield beware(
      `${counted(unlisted.length, 'evidence file')} that the audit log names ${unlisted.length === 1 ? 'is' : 'are'} not in the list, storage/runbook/evidence/index.jsonl: ${listed(names, 3)}`,
      'An export was killed, or somebody has changed the list. The next export names the last one, and lists them again.',
    );
  }
  if (unread.length > 0) yield unknown(`another user's, and you may not read them: ${listed(unread, 3)}`);
  return `${counted(inList.length, 'evidence file')} of this root; none is gone`;
}
