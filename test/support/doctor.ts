import fs from 'node:fs';
import {expect} from 'vitest';
import {runAndTell} from '../../source/engine/backup/tell-run.ts';
import {loadConfiguration} from '../../source/engine/config/effective.ts';
import type {Check} from '../../source/engine/doctor/check.ts';
import {type DoctorEvent, examine} from '../../source/engine/doctor/examine.ts';
import type {DoctorOptions} from '../../source/engine/doctor/subject.ts';
import {tellVerification} from '../../source/engine/verify/tell-verification.ts';
import {verify} from '../../source/engine/verify/verify.ts';
import {backup, type Plain, rootWith} from './php-config.ts';
import {pool} from './verifying.ts';

export const datasets = [
  {name: 'tenants', source: 'storage/data/tenants.json'},
  {name: 'ledger', source: 'storage/data/ledger.json'},
];

/** A root in which all is well: a backup of ours, verified, with all that this leaves behind. */
export async function healthyRoot(settings: {[key: string]: Plain} = {}) {
  const root = rootWith({
    'config/base/magds.php': backup({datasets, retention: {max_count: 5}, ...settings}),
    'storage/data/tenants.json': '{"t":1}\n',
    'storage/data/ledger.json': '{"l":1}\n',
  });
  // Others may look, as on a server.
  fs.chmodSync(root, 0o755);
  const backups = `${root}/storage/backups`;
  const place = {root, backups, configuration: await loadConfiguration(root, {})};
  const {signal} = new AbortController();
  for await (const event of runAndTell({...place, label: '', strict: true, pool, signal}))
    if (event.type === 'finished') expect(event.result).toMatchObject({outcome: 'done', untold: []});
  const ids = fs.readdirSync(backups);
  for await (const event of tellVerification(verify({backups, ids, pool, record: true}), place))
    if (event.type === 'finished') expect(event).toMatchObject({results: [{result: 'passed'}], untold: []});
  const [id = ''] = ids;
  return {root, backups, id, state: `${root}/storage/runbook`};
}

/** What the doctor tells of a root, asked for by `--root`. */
export async function diagnose(root: string | null, options: Partial<DoctorOptions> = {}) {
  const checks: Check[] = [];
  let last: Extract<DoctorEvent, {type: 'finished'}> | null = null;
  const events = examine({
    place: {root, backups: `${root}/storage/backups`},
    from: null,
    environment: undefined,
    env: {PATH: process.env['PATH']},
    maxAge: 26 * 3600,
    terminal: null,
    signal: new AbortController().signal,
    ...options,
  });
  for await (const event of events) {
    if (event.type === 'check') checks.push(event.check);
    if (event.type === 'finished') last = event;
  }
  /** The rows of one check, without its id. */
  const rows = (id: string) => checks.filter((each) => each.id === id).map(({id: _, ...finding}) => finding);
  /** Ids of the checks that are not well. */
  const notWell = [...new Set(checks.filter(({state}) => state !== 'ok').map(({id}) => id))];
  return {checks, rows, notWell, exit: last?.exit ?? null};
}
