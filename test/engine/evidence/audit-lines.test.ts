import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {auditLine, auditText} from '../../../source/engine/events/log/audit-line.ts';
import {eventNote} from '../../../source/engine/events/told-notes.ts';
import {auditFacts} from '../../../source/engine/evidence/audit-lines.ts';
import {renderEvidence} from '../../../source/engine/evidence/render.ts';
import {makeRoot} from '../../support/backups.ts';
import {
  checkNamed,
  checksOf,
  failuresOf,
  goodRecord,
  sha256,
  writeEvidence,
} from '../../support/evidence-files.ts';
import {record, session} from '../../support/evidence-records.ts';

const now = new Date('2026-11-23T15:01:05Z');
const pruned = (reason: string) =>
  auditLine({action: 'magdb.backup.pruned', payload: {id: 'x', reason}}, '/srv/app', {}, now);
const one = pruned('too old');
const two = pruned('again');
const gone = pruned('rotated away');
const exported = (record: string, digest: string) =>
  auditLine(
    {
      action: 'magdb.evidence.exported',
      payload: {id: 'x', session: 1, file: '/f', sha256: digest, record, kind: 'restore', signed_by: null},
    },
    '/srv/app',
    {},
    now,
  );

const told = session({
  lines: [one, two, gone].map((line, index) => {
    const [type, data] = eventNote({line, logged: true});
    return {sequence: index + 1, at: now.toISOString(), operator: 'alice', type, data, previous: ''};
  }),
});

/** What the log holds beside: another program's lines, one that is longer than any, one that is cut short. */
const others = `{"action":"user.login"}\n${'x'.repeat(3_000_000)}\n`;
const log = `${others}${auditText(one)}not JSON: "magdb.\n${auditText(two)}${auditText(gone).slice(0, 50)}`;

async function audited() {
  const {root} = makeRoot();
  const file = `${root}/storage/audit.log`;
  fs.writeFileSync(file, log);
  return {file, audit: await auditFacts(root, file, told)};
}

const digest = (line: typeof one): string => sha256(auditText(line).trimEnd());

test('each event has its line and digest, as sed and sha256sum say them; one that is gone has none', async () => {
  const {file, audit} = await audited();
  expect(audit).toEqual({
    path: file,
    reason: null,
    events: [
      {id: one.id, line: 3, sha256: digest(one)},
      {id: two.id, line: 5, sha256: digest(two)},
      {id: gone.id, line: null, sha256: null},
    ],
  });
  const text = renderEvidence(record({session: told, audit}));
  expect(text).toContain(`\n3 ${digest(one)} ${one.id}\n`);
  expect(text).toContain(`\nnot recorded not recorded ${gone.id}\n`);
});

test('what was appended later under the same id is not the line of an event, nor a change of it', async () => {
  const {file, audit} = await audited();
  const forged = auditText({...one, payload: {id: 'x', reason: 'never'}} as typeof one);
  expect(forged).not.toBe(auditText(one));
  fs.appendFileSync(file, `\n${forged}`);
  expect((await auditFacts(path.dirname(path.dirname(file)), file, told)).events[0]).toEqual(audit.events[0]);
  const written = writeEvidence(goodRecord({audit: {...audit, events: audit.events.slice(0, 1)}}));
  expect(checkNamed(await checksOf(written.file, {log: file}), 'events')).toEqual([
    `ok: 1 in ${file}, each as the file has it`,
  ]);
});

test('without a log it says so', async () => {
  const {root} = makeRoot();
  expect(await auditFacts(root, `${root}/storage/audit.log`, told)).toMatchObject({
    reason: 'there is none',
    events: [{id: one.id, line: null}, {}, {}],
  });
});

test('a copy of the log is followed: the file itself, and each of its events', async () => {
  const {file, audit} = await audited();
  const events = audit.events.slice(0, 2);
  const written = writeEvidence(goodRecord({audit: {...audit, events}}));
  const {id} = goodRecord();
  const look = async (text: string) => {
    fs.writeFileSync(file, text);
    const checks = await checksOf(written.file, {log: file});
    return [...checkNamed(checks, 'audit log'), ...checkNamed(checks, 'events')];
  };
  const whole = log.slice(0, log.lastIndexOf('\n') + 1) + auditText(exported(id, written.sha256));
  expect(await look(whole)).toEqual([
    `ok: ${file} has the digest of this very file`,
    `ok: 2 in ${file}, each as the file has it`,
  ]);
  // Rotated: the numbers are others, the lines are not.
  expect((await look(whole.slice(others.length)))[1]).toMatch(/^ok: 2 in /);
  expect(await look(whole.replace('too old', 'too new'))).toEqual([
    expect.stringMatching(/^ok: /),
    `failed: line 3 of ${file} was changed: event ${one.id}`,
  ]);
  expect((await look(whole.replace(auditText(two), '')))[1]).toBe(
    `not checked: 1 of 2 are not in ${file}: ${two.id}`,
  );
  expect((await look(whole.replace(written.sha256, 'f'.repeat(64))))[0]).toBe(
    `failed: ${file} has another digest of the file with this record`,
  );
  expect((await look(log))[0]).toBe(`not checked: ${file} does not say that this file was exported`);
});

test('a file that does not say where its events are is told apart from one that was changed', async () => {
  const {file} = await audited();
  const checks = await checksOf(writeEvidence(goodRecord()).file, {log: file});
  expect(failuresOf(checks)).toEqual([]);
  expect(checkNamed(checks, 'events')).toEqual([
    'not checked: the file does not say where its events are in the log',
  ]);
});
