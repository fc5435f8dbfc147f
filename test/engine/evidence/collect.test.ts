import fs from 'node:fs';
import {expect, test, vi} from 'vitest';
import {loadConfiguration} from '../../../source/engine/config/effective.ts';
import {
  collectEvidence,
  type EvidenceSubject,
  type GivenFacts,
} from '../../../source/engine/evidence/collect.ts';
import {sha256Of} from '../../../source/engine/evidence/place.ts';
import {parseEvidence, recordText} from '../../../source/engine/evidence/record-text.ts';
import type {EvidenceRecord} from '../../../source/engine/evidence/schema.ts';
import {findState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {backupId, configure, makeRestorable, signOff} from '../../support/restores.ts';

// What is done to the record between two reads of it.
const meanwhile = vi.hoisted(() => ({change: (_directory: string): void => undefined}));
vi.mock('../../../source/engine/session/record-check.ts', async (original) => {
  const real = await original<typeof import('../../../source/engine/session/record-check.ts')>();
  return {
    ...real,
    checkRecord: (directory: string, told?: boolean) => {
      const checked = real.checkRecord(directory, told);
      if (!told) meanwhile.change(directory);
      return checked;
    },
  };
});

const nothing: GivenFacts = {
  purpose: null,
  ticket: null,
  title: null,
  authorised: null,
  control: null,
  period: null,
  corrective: [],
  signer: null,
};

async function collect(
  root: string,
  subject: EvidenceSubject,
  given: Partial<GivenFacts> = {},
): Promise<EvidenceRecord> {
  const configuration = await loadConfiguration(root, {});
  const state = findState(root);
  try {
    const record = await collectEvidence({
      root,
      backups: configuration.path.value,
      configuration,
      state,
      env: {},
      subject,
      given: {...nothing, ...given},
    });
    // What is collected is what is read back.
    expect(parseEvidence(Buffer.from(recordText(record)))).toEqual(record);
    return record;
  } finally {
    state?.close();
  }
}

const session: EvidenceSubject = {kind: 'restore', session: 1};

test('a restore is told with what was there before, what is there now, and who did it', async () => {
  const {root, restore, live, command} = makeRestorable();
  const before = fs.statSync(live('tenants'));
  expect(await restore('--ticket=INC-1', '--purpose=incident', '--bad-since=2026-11-23 13:30')).toMatchObject(
    {code: 0},
  );
  await command('session', 'step', 'verified');
  const record = await collect(root, session, {ticket: 'OTHER', control: 'A1.3'});
  expect(record).toMatchObject({kind: 'restore', ticket: 'INC-1', purpose: 'incident', control: 'A1.3'});
  const told = record.session;
  expect(told).toMatchObject({
    number: 1,
    state: 'done',
    closed: false,
    broken: null,
    times: {bad_since: '2026-11-23T13:30:00.000Z'},
    safety: {kept: true},
  });
  expect(told?.context?.program.name).toMatch(/^magds /);
  expect(told?.restored.map(({dataset, action, result}) => [dataset, action, result])).toEqual([
    ['tenants', 'overwrite', 'as the manifest says'],
    ['ledger', 'overwrite', 'as the manifest says'],
  ]);
  const [tenants] = told?.restored ?? [];
  expect(tenants?.before).toMatchObject({
    bytes: before.size,
    modified: new Date(before.mtimeMs).toISOString(),
  });
  expect(tenants?.at_switch).toBe(tenants?.expected);
  expect(told?.checklist.map(({id, state, note}) => [id, state, note])).toEqual([
    ['manifest', 'done', '2 of 2 live files are what the manifest says'],
    ['verified', 'done', '2 of 2 copies match'],
    ['evidence', 'done', 'by this file'],
    ['service', 'open', null],
  ]);
  const [backup] = record.backups;
  expect(backup?.id).toBe(backupId);
  expect(backup?.verified?.result).toBe('passed');
  expect(backup?.datasets.map(({status}) => status)).toEqual(['match', 'match']);
  expect(record.not_checked).toContain('Steps without an answer when this was exported: service.');
});

test('the manifest is told as it was gone by, when the backup has gone since', async () => {
  const {root, restore, backups} = makeRestorable();
  const backup = `${backups}/${backupId}`;
  const text = fs.readFileSync(`${backup}/manifest.json`, 'utf8');
  expect(await restore()).toMatchObject({code: 0});
  configure(root, {hold_days: 0});
  await signOff(root, 1);
  fs.rmSync(backup, {recursive: true});
  const record = await collect(root, session);
  expect(record.backups[0]?.manifest).toMatchObject({text, replaced: false, later: null});
  expect(record.backups[0]?.state).toBe('gone');
  expect(record.session?.closed).toBe(true);
});

test('the lines are those that were checked, whatever is written meanwhile', async () => {
  const {root, restore} = makeRestorable();
  await restore();
  let before: string | null = null;
  meanwhile.change = (directory) => {
    const file = `${directory}/session.jsonl`;
    before ??= fs.readFileSync(file, 'latin1');
    fs.writeFileSync(file, before.replace('"type":"opened"', '"type":"forged"'));
  };
  try {
    const told = (await collect(root, session)).session;
    expect(before).not.toBeNull();
    expect(told?.record_sha256).toBe(sha256Of(Buffer.from(before ?? '', 'latin1')));
    expect(told?.lines.map(({type}) => type)).not.toContain('forged');
  } finally {
    meanwhile.change = () => undefined;
  }
});

test('a manifest that a verification wrote into later has the bytes of both', async () => {
  const {root, restore, backups, state} = makeRestorable();
  const file = `${backups}/${backupId}/manifest.json`;
  const before = sha256Of(fs.readFileSync(file));
  expect(await restore()).toMatchObject({code: 0});
  fs.appendFileSync(file, '\n');
  const {manifest} = (await collect(root, session)).backups[0] ?? {};
  expect(manifest).toMatchObject({
    ...{sha256: before, later: sha256Of(fs.readFileSync(file))},
    later_digest: manifest?.digest,
  });
  const wrote = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, wrote.replace('"algorithm"', '"x": 1, "algorithm"'));
  const changed = (await collect(root, session)).backups[0]?.manifest;
  expect(changed?.later_digest).toMatch(/^[0-9a-f]{64}$/);
  expect(changed?.later_digest).not.toBe(manifest?.digest);
  for (const each of [file, state('held', backupId, 'manifest.json')]) fs.writeFileSync(each, '{');
  expect((await collect(root, session)).backups[0]?.manifest.later_digest).toBeNull();
});

test('copies that were staged were hashed, whatever was verified', async () => {
  const {root, restore} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const {backups, not_checked: not} = await collect(root, session);
  const [backup] = backups;
  expect(backup?.verified).toBeNull();
  expect(backup?.datasets.map(({status, actual, expected}) => [status, actual === expected])).toEqual([
    ['match', true],
    ['match', true],
  ]);
  expect(not).toContain('no verification of this manifest is recorded.');
});

test('a restore that changed nothing says so of each file', async () => {
  const {root, restore} = makeRestorable();
  configure(root, {hooks: {before_restore: [['false']]}});
  expect((await restore()).code).not.toBe(0);
  const {session: told} = await collect(root, session);
  expect(told).toMatchObject({state: 'refused', commands: [{what: 'hook', command: ['false'], exit: 1}]});
  expect(told?.restored.map(({result}) => result)).toEqual(['not restored', 'not restored']);
  expect(told?.checklist.map(({state}) => state)).toEqual([]);
});

test('a drill has no checklist, and its files lie apart', async () => {
  const {root, restore, live} = makeRestorable();
  const into = `${root}-drill`;
  try {
    expect(await restore(`--into=${into}`, '--purpose=drill')).toMatchObject({code: 0});
    const {session: told, purpose} = await collect(root, session);
    expect(purpose).toBe('drill');
    expect(told).toMatchObject({drill: true, into, checklist: [], safety: null});
    expect(told?.restored.every(({target}) => target.startsWith(`${into}/`))).toBe(true);
    expect(told?.restored.map(({target}) => target)).not.toContain(live('tenants'));
  } finally {
    fs.rmSync(into, {recursive: true, force: true});
  }
});

test('a backup alone says how it was verified, and that it was not', async () => {
  const {root, command} = makeRestorable();
  const alone: EvidenceSubject = {kind: 'verification', id: backupId};
  const never = await collect(root, alone);
  expect(never).toMatchObject({
    purpose: 'verification',
    session: null,
    sessions: {all: [], never_exported: []},
  });
  expect(never.backups[0]?.verified).toBeNull();
  expect(never.not_checked).toContain('no verification of this manifest is recorded.');
  await command('backup', 'verify', `--id=${backupId}`);
  const verified = await collect(root, alone);
  expect(verified.backups[0]?.verified).toMatchObject({result: 'passed', failed: []});
  expect(verified.backups[0]?.manifest.text).toContain('"datasets"');
});

test('all backups are told without the text of their manifests', async () => {
  const {root} = makeRestorable();
  const {backups, kind} = await collect(root, {kind: 'catalog'});
  expect(kind).toBe('catalog');
  expect(backups.map(({id, manifest}) => [id, manifest.text])).toEqual([[backupId, null]]);
});

test('what the site configures is in it, and sessions nobody has told of are named', async () => {
  const {root, restore} = makeRestorable();
  fs.writeFileSync(`${root}/runbook.md`, '# Runbook');
  configure(root, {
    evidence: {
      asset: 'magds-prod-1',
      control: 'A1.3',
      rto_seconds: 3600,
      rpo_seconds: 86400,
      runbook: 'runbook.md',
    },
  });
  expect(await restore('--ticket=INC-1')).toMatchObject({code: 0});
  fs.writeFileSync(`${root}/storage/data/tenants.json`, 'changed');
  expect(await restore('--ticket=INC-1')).toMatchObject({code: 0});
  const record = await collect(root, {kind: 'restore', session: 2});
  expect(record).toMatchObject({
    asset: {id: 'magds-prod-1', configured: true},
    control: 'A1.3',
    objectives: {rto_seconds: 3600, rpo_seconds: 86400},
    runbook: {path: `${root}/runbook.md`},
    sessions: {all: [1, 2], never_exported: [1]},
    attempts: [{number: 1, state: 'done'}],
    previous: null,
  });
});

test('what there is not is said', async () => {
  const {root} = makeRestorable();
  await expect(collect(root, session)).rejects.toThrow(
    'There is no session 1: "magds session list" shows what there is.',
  );
});
