import fs from 'node:fs';
import path from 'node:path';
import {notRegular, readSmallFile} from '../base/files.ts';
import {formatAge} from '../base/format.ts';
import {shellWord} from '../base/shell-word.ts';
import {lastRunName} from '../config/last-run.ts';
import {metricsFile} from '../config/metrics-file.ts';
import {largestMetrics} from '../events/metrics/metrics-place.ts';
import {readValues} from '../events/metrics/metrics-text.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {beware, type Finding, ok, wrong} from './check.ts';
import {type Identity, identityNamed, may} from './identity.ts';
import type {Subject} from './subject.ts';

/** Seconds that it may be older than what it should tell of. */
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

function firstReader(): {name: string; identity: Identity} | null {
  for (const name of readers) {
    const identity = identityNamed(name);
    if (identity) return {name, identity};
  }
  return null;
}

/** What of the way to a file, or the file, is closed to whoever reads metrics; null where nothing is. */
function whatIsClosed(file: string): string | null {
  const others: Identity = {uid: -1, groups: new Set()};
  const reader = firstReader()?.identity ?? others;
  const way = [path.dirname(path.dirname(file)), path.dirname(file)];
  const closed = way.find((each) => !may(reader, fs.statSync(each), 1));
  return closed ?? (may(reader, fs.statSync(file), 4) ? null : file);
}

export function checkMetrics(subject: Subject): Finding[] {
  const {root, now, configuration} = subject;
  if (root === null) return [];
  const file = configuration?.metrics.value ?? metricsFile(root);
  const name = subject.short(file);
  const lastRun = modifiedAt(`${root}/${stateName}/${lastRunName}`);
  const stats = fs.lstatSync(file, {throwIfNoEntry: false});
  if (!stats)
    return lastRun === null
      ? [ok(`${name} is not there yet; the first backup makes it`)]
      : [
          beware(
            `${name} is not there, although backups were made: nothing is counted, and no alert comes of it`,
            'The next backup makes it again, or says why it cannot:',
            [subject.command('backup run')],
          ),
        ];
  const kind = notRegular(stats);
  if (kind) return [wrong(`${name} is ${kind}, not a file`, 'Move it away.')];
  const age = (now - stats.mtimeMs) / 1000;
  const said = `${name}, written ${age < 60 ? 'just now' : `${formatAge(age)} ago`}`;
  if (lastRun !== null && lastRun - stats.mtimeMs > tolerance * 1000)
    return [
      beware(
        `${said}: before the last backup, which is not in it`,
        'The next backup writes it again, or says why it cannot:',
        [subject.command('backup run')],
      ),
    ];
  const closed = whatIsClosed(file);
  const reader = closed === null ? null : firstReader();
  if (closed !== null && reader !== null)
    return [
      beware(
        `${said}: by its owner and mode ${reader.name}, as whom node_exporter runs, may not get through ${subject.short(closed)}`,
        `Put ${reader.name} into its group, or open it to all:`,
        [`ls -ld ${shellWord(closed)}`, `chmod o+${closed === file ? 'r' : 'x'} ${shellWord(closed)}`],
      ),
    ];
  const flaw = whyNoMetrics(file, fs.realpathSync(`${root}/storage`));
  if (flaw !== null)
    return [
      beware(
        `${said}: ${flaw}`,
        'The next event writes it again, and goes on from what can be told of it. To look at it:',
        [`head ${shellWord(file)}`],
      ),
    ];
  // Who reads it here is not known.
  const note =
    closed === null
      ? ''
      : `; others may not get through ${subject.short(closed)}, so node_exporter has to be in its group`;
  return [ok(said + note)];
}
