import fs from 'node:fs';
import path from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import type {EvidenceRecord} from '../../../source/engine/evidence/schema.ts';
import {createPool} from '../../../source/engine/hashing/pool.ts';
import {manifestDigest} from '../../../source/engine/storage/manifest/digest.ts';
import {readManifest} from '../../../source/engine/storage/manifest/read.ts';
import {makeBackup, makeRoot} from '../../support/backups.ts';
import {checksOf, goodRecord, goodSession, sha256, writeEvidence} from '../../support/evidence-files.ts';
import {backup, dataset, restored} from '../../support/evidence-records.ts';

const pool = createPool(2);
afterAll(() => pool.close());

const names = ['tenants', 'ledger', 'kernel_state'];
const switched = '2026-11-23T15:01:05.000Z';
const contentOf = (name: string) => `{"${name}":"restored"}\n`;

/** A root in which a backup was just restored, and the evidence of it. */
function makePlace(change: (record: EvidenceRecord) => EvidenceRecord = (record) => record) {
  const {root, backups} = makeRoot();
  const built = makeBackup({backups, datasets: names.map((name) => ({name, content: contentOf(name)}))});
  const read = readManifest(built.directory);
  if (read.state !== 'read') throw new Error('no manifest');
  const live = (name: string) => `${root}/storage/data/${name}.json`;
  fs.mkdirSync(`${root}/storage/data`, {recursive: true});
  for (const name of names) write(live(name), contentOf(name), '2026-11-23T15:01:04.000Z');
  const record = change(
    goodRecord({
      asset: {...goodRecord().asset, root, backups},
      exported: {...goodRecord().exported, host: {...goodRecord().exported.host, machine_id: null}},
      backups: [
        backup({
          id: built.id,
          manifest: {
            path: null,
            sha256: null,
            digest: manifestDigest(read.manifest.tree),
            text: null,
            replaced: false,
          },
          datasets: names.map((name) =>
            dataset(name, {
              copy: path.relative(built.directory, built.copy(name)),
              expected: sha256(contentOf(name)),
              actual: null,
            }),
          ),
        }),
      ],
      session: goodSession({
        restored: names.map((name) =>
          restored(name, {target: live(name), at_switch: sha256(contentOf(name))}),
        ),
      }),
    }),
  );
  const {file} = writeEvidence(record);
  const options = {root: null, backups: null, pool, volatile: () => ['kernel_state']};
  const lines = async (over: object = {}) =>
    (await checksOf(file, {live: {...options, ...over}}))
      .filter(({name}) => ['backup', 'live file', 'live'].includes(name))
      .map(({name, state, text}) => `${state}: ${name}: ${text}`);
  return {root, backups, built, live, lines};
}

function write(file: string, content: string, at: string): void {
  fs.writeFileSync(file, content);
  fs.utimesSync(file, new Date(at), new Date(at));
}

const copies = 'ok: backup: 20261123_131813: 3 copies as the record says';

test('a restore that is still there holds', async () => {
  const {lines} = makePlace();
  expect(await lines()).toEqual([copies, 'ok: live file: 3 live files are what the restore left']);
});

test('use since the restore is told from damage', async () => {
  const {lines, live} = makePlace();
  write(live('tenants'), '{"used":true}\n', '2026-11-23T15:30:00.000Z');
  write(live('kernel_state'), '{"used":true}\n', '2026-11-23T15:40:00.000Z');
  write(live('ledger'), '{"ledger":"damaged!"}\n', '2026-11-23T15:01:04.000Z');
  expect(await lines()).toEqual([
    copies,
    `not checked: live file: tenants (${live('tenants')}): written to since, at 2026-11-23T15:30:00.000Z: drift, not damage; what was restored can no longer be seen`,
    `failed: live file: ledger (${live('ledger')}): its bytes are other ones, and its time (2026-11-23T15:01:04.000Z) is not after the switch: nothing that writes the usual way did that`,
    `not checked: live file: kernel_state (${live('kernel_state')}): written to since, at 2026-11-23T15:40:00.000Z: it is volatile; what was restored can no longer be seen`,
  ]);
});

test('a live file that was written to with the same bytes is what it was', async () => {
  const {lines, live} = makePlace();
  write(live('tenants'), contentOf('tenants'), '2026-11-23T15:30:00.000Z');
  expect(await lines()).toEqual([copies, 'ok: live file: 3 live files are what the restore left']);
});

test('a live file that is gone, or is a link, is damage', async () => {
  const {lines, live, root} = makePlace();
  fs.rmSync(live('tenants'));
  fs.rmSync(live('ledger'));
  fs.symlinkSync(`${root}/nowhere`, live('ledger'));
  expect(await lines()).toEqual([
    copies,
    'ok: live file: 1 live file is what the restore left',
    `failed: live file: tenants (${live('tenants')}): it is not there any more`,
    `failed: live file: ledger (${live('ledger')}): the live file is a link, not a file`,
  ]);
});

describe('the backup', () => {
  test('whose copy rotted or is gone is damaged', async () => {
    const {lines, built} = makePlace();
    write(built.copy('tenants'), 'rotten', switched);
    fs.rmSync(built.copy('ledger'));
    const [first] = await lines();
    expect(first).toBe(
      'failed: backup: 20261123_131813: damaged since: ledger (the copy is missing), tenants (the copy is not what it was)',
    );
  });

  test('that was pruned is named', async () => {
    const {lines, built} = makePlace();
    fs.rmSync(built.directory, {recursive: true});
    const [first] = await lines();
    expect(first).toBe(
      'not checked: backup: 20261123_131813 is not there any more: pruned, deleted, or not on this machine',
    );
  });

  test('whose manifest was changed is not that one; a verification changes nothing', async () => {
    const {lines, built} = makePlace();
    fs.writeFileSync(
      built.manifestFile,
      built.manifest.replace('"metadata": {', '"metadata": {"last_verified_at": "x",'),
    );
    expect((await lines())[0]).toBe(copies);
    fs.writeFileSync(built.manifestFile, built.manifest.replace('tenants', 'renters'));
    expect((await lines())[0]).toBe(
      'failed: backup: 20261123_131813: its manifest was changed since (verifications aside)',
    );
  });

  test('is looked for nowhere else, whatever the record says', async () => {
    const {lines} = makePlace((record) => ({
      ...record,
      backups: [
        backup({...record.backups[0], datasets: [dataset('tenants', {copy: '../../../../etc/passwd'})]}),
        backup({id: '../../etc', datasets: []}),
      ],
      session: goodSession({restored: [restored('tenants', {target: 'relative\0path'})]}),
    }));
    expect(await lines()).toEqual([
      'not checked: backup: 20261123_131813: nothing to compare with, or cancelled: tenants',
      'not checked: backup: ../../etc is not there any more: pruned, deleted, or not on this machine',
      'not checked: live file: tenants (relative\0path): the record does not say where it lies',
    ]);
  });
});

test('a tree that lies elsewhere by now is found by --root', async () => {
  const {lines, root} = makePlace();
  const moved = `${root}-moved`;
  fs.renameSync(root, moved);
  try {
    expect(await lines({root: moved, backups: `${moved}/storage/backups`})).toEqual([
      copies,
      'ok: live file: 3 live files are what the restore left',
    ]);
  } finally {
    fs.renameSync(moved, root);
  }
});

test('on another machine nothing is hashed', async () => {
  if (!fs.existsSync('/etc/machine-id')) return;
  const {lines} = makePlace((record) => ({
    ...record,
    exported: {...record.exported, host: {...record.exported.host, machine_id: '0'.repeat(32)}},
  }));
  expect(await lines()).toEqual([
    'not checked: live: it was made on srv1, and this is another machine: if its tree is here, --root=DIR',
  ]);
});

test('a drill whose directory is gone is no damage', async () => {
  const {lines} = makePlace((record) => ({
    ...record,
    session: goodSession({drill: true, into: '/nonexistent/drill'}),
  }));
  expect((await lines())[1]).toBe(
    "not checked: live file: the drill's directory is gone: /nonexistent/drill",
  );
});

test('what the service had written to at once, and what was not restored, is no damage', async () => {
  const {lines, live} = makePlace((record) => {
    const [tenants, ledger, state] = record.session?.restored ?? [];
    if (!record.session || !tenants || !ledger || !state) throw new Error('three were restored');
    return {
      ...record,
      session: {
        ...record.session,
        restored: [
          {...tenants, result: 'written to since', at_switch: null},
          {...ledger, result: 'not restored', at_switch: null},
          state,
        ],
      },
    };
  });
  write(live('tenants'), '{"used":true}\n', '2026-11-23T15:01:04.999Z');
  expect((await lines()).slice(1)).toEqual([
    'ok: live file: 1 live file is what the restore left',
    `not checked: live file: tenants (${live('tenants')}): written to right after the switch: drift, not damage; what was restored can no longer be seen`,
  ]);
});
