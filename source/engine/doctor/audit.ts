import fs from 'node:fs';
import path from 'node:path';
import {formatBytes} from '../base/format.ts';
import {shellWord} from '../base/shell-word.ts';
import {lookAtLog, whyNoAudit} from '../events/log/audit-log.ts';
import {describeHolders} from '../events/log/lock-holders.ts';
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
  if (log.passedOver)
    findings.push(
      beware(
        `${said}; its lock is held by ${describeHolders(log.passedOver)}, who may not write it`,
        'He is waited for at first, then passed over: what is told comes later by that. Look what it is, and end it:',
        log.passedOver.map(({pid}) => `ps -o pid,user,etime,args -p ${pid}`),
      ),
    );
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
