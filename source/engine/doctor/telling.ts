import fs from 'node:fs';
import path from 'node:path';
import {lookAtLog, whyNoAudit} from '../events/audit-log.ts';
import {notRegular} from '../files.ts';
import {formatAge, formatBytes} from '../format.ts';
import {lastRunName} from '../runbook/last-run.ts';
import {stateName} from '../runbook/state-directory.ts';
import {shellWord} from '../shell-word.ts';
import {beware, type Finding, ok, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** Bytes from which on an audit log wants to be rotated. */
const large = 1024 ** 3;

export async function checkAuditLog(subject: Subject): Promise<Finding[]> {
  const {root, configuration} = subject;
  if (root === null || !configuration) return [];
  const file = configuration.auditLog.value;
  const name = subject.short(file);
  const why = await whyNoAudit(root, file);
  if (why !== null) {
    if (subject.isOnlooker)
      return [unknown(`${name} cannot be written by you, and whether ${subject.ownerName} can is not told`)];
    const state = fs.existsSync(path.dirname(file))
      ? `ls -l ${shellWord(file)}`
      : `ls -ld ${shellWord(path.dirname(file))}`;
    return [wrong(why, 'No restore begins before that is mended. Look:', [state])];
  }
  const log = lookAtLog(root, file);
  if (!log) return [ok(`${name} is not there yet; the first event makes it`)];
  const said = `${name} can be written, ${formatBytes(log.bytes)}`;
  const findings: Finding[] = [];
  if (log.torn)
    findings.push(
      beware(
        `${said}; its last line was cut short: somebody was killed in it, or the disk was full`,
        'Nothing to do: the next event begins a line of its own. The line itself:',
        [`tail -n 1 ${shellWord(file)}`],
      ),
    );
  if (log.bytes > large) findings.push(beware(`${said}: that is large`, 'Let it be rotated (logrotate).'));
  return findings.length > 0 ? findings : [ok(said)];
}

/** What node_exporter reads (FORMAT.md, "Events and metrics of the runbook"). */
const metricsName = 'storage/telemetry/magds_backup.prom';
/** Seconds that it may be older than what it should tell of. */
const tolerance = 60;

const modifiedAt = (file: string): number | null =>
  fs.statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? null;

export function checkMetrics(subject: Subject): Finding[] {
  const {root, now} = subject;
  if (root === null) return [];
  const file = `${root}/${metricsName}`;
  const lastRun = modifiedAt(`${root}/${stateName}/${lastRunName}`);
  const stats = fs.lstatSync(file, {throwIfNoEntry: false});
  if (!stats)
    return lastRun === null
      ? [ok(`${metricsName} is not there yet; the first backup makes it`)]
      : [
          beware(
            `${metricsName} is not there, although backups were made: nothing is counted, and no alert comes of it`,
            'The next backup makes it again, or says why it cannot:',
            [subject.command('backup run')],
          ),
        ];
  const kind = notRegular(stats);
  if (kind) return [wrong(`${metricsName} is ${kind}, not a file`, 'Move it away.')];
  const age = (now - stats.mtimeMs) / 1000;
  const said = `${metricsName}, written ${age < 60 ? 'just now' : `${formatAge(age)} ago`}`;
  if (lastRun !== null && lastRun - stats.mtimeMs > tolerance * 1000)
    return [
      beware(
        `${said}: before the last backup, which is not in it`,
        'The next backup writes it again, or says why it cannot:',
        [subject.command('backup run')],
      ),
    ];
  const closed = [file, path.dirname(file), path.dirname(path.dirname(file))].find((each, index) => {
    const bit = index === 0 ? 0o004 : 0o001;
    return (fs.statSync(each).mode & bit) === 0;
  });
  if (closed !== undefined)
    return [
      beware(
        `${said}: ${subject.short(closed)} is closed to others, so node_exporter may not read it`,
        'Unless that runs as root, or in its group:',
        [`chmod o+${closed === file ? 'r' : 'x'} ${shellWord(closed)}`],
      ),
    ];
  return [ok(said)];
}
