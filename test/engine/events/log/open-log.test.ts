import fs from 'node:fs';
import {afterEach, describe, expect, test} from 'vitest';
import {appendToLog, whyNoAudit} from '../../../../source/engine/events/log/audit-log.ts';
import {makeLogPlace} from '../../../support/audit.ts';
import {isRoot} from '../../../support/faults.ts';
import {nobody} from '../../../support/restores.ts';
import {makePipe, temporaryDirectory} from '../../../support/temporary.ts';
import {treeState} from '../../../support/tree.ts';

const append = ({root, log}: {root: string; log: string}) => appendToLog(root, log, 'a\n', false);

afterEach(() => process.umask(0o022));

describe('a log that is not there', () => {
  test('is made with its directory, as those that lie above are', async () => {
    const {root} = makeLogPlace();
    const log = `${root}/storage/audit/2026/own.log`;
    fs.chmodSync(`${root}/storage`, 0o2775);
    if (isRoot) fs.chownSync(`${root}/storage`, nobody, 100);
    process.umask(0o077);
    await append({root, log});
    const {uid, gid} = fs.statSync(`${root}/storage`);
    expect(fs.statSync(log)).toMatchObject({uid, gid, mode: 0o100664});
    expect(fs.statSync(`${root}/storage/audit/2026`)).toMatchObject({uid, gid, mode: 0o42775});
    expect(fs.readFileSync(log, 'utf8')).toBe('a\n');
  });

  test('may be read by nobody who may not look into its directory', async () => {
    const place = makeLogPlace();
    fs.chmodSync(`${place.root}/storage/logs`, 0o750);
    await append(place);
    expect(fs.statSync(place.log).mode & 0o7777).toBe(0o640);
  });

  test('is not made by whoever only asks, nor is anything else', async () => {
    const place = makeLogPlace();
    const before = treeState(place.root);
    expect(await whyNoAudit(place.root, place.log)).toBeNull();
    expect(await whyNoAudit(place.root, `${place.root}/storage/new/deep/audit.log`)).toBeNull();
    fs.writeFileSync(place.log, 'x');
    const there = treeState(place.root);
    expect(await whyNoAudit(place.root, place.log)).toBeNull();
    expect(treeState(place.root)).toEqual(there);
    fs.rmSync(place.log);
    expect(Object.keys(treeState(place.root))).toEqual(Object.keys(before));
  });

  test('is not made outside of storage/', async () => {
    const {root} = makeLogPlace();
    const log = `${temporaryDirectory()}/audit.log`;
    await expect(append({root, log})).rejects.toThrow('it is not there, and is made only in storage/');
    expect(await whyNoAudit(root, log)).toBe(
      `the audit log ${log} cannot be written: it is not there, and is made only in storage/`,
    );
    expect(fs.existsSync(log)).toBe(false);
    fs.writeFileSync(log, '');
    await append({root, log});
    expect(fs.readFileSync(log, 'utf8')).toBe('a\n');
  });
});

describe('what is no log', () => {
  test.each<[string, (log: string) => void]>([
    ['a directory', (log) => fs.mkdirSync(log)],
    ['a pipe (FIFO)', makePipe],
    ['a device', (log) => fs.symlinkSync('/dev/full', log)],
  ])('%s is not written to, nor waited for', async (kind, make) => {
    const place = makeLogPlace();
    make(place.log);
    await expect(append(place)).rejects.toThrow(`it is ${kind}, not a file`);
    expect(await whyNoAudit(place.root, place.log)).toContain(`it is ${kind}, not a file`);
  });

  test('a storage that is not there', async () => {
    const root = temporaryDirectory();
    await expect(append({root, log: `${root}/storage/logs/audit.log`})).rejects.toThrow('ENOENT');
    expect(await whyNoAudit(root, `${root}/storage/logs/audit.log`)).toContain('not there');
    expect(fs.readdirSync(root)).toEqual([]);
  });
});

describe('a link', () => {
  test('that storage/ is leads to the log', async () => {
    const root = temporaryDirectory();
    const shared = temporaryDirectory();
    fs.symlinkSync(shared, `${root}/storage`);
    await append({root, log: `${root}/storage/logs/audit.log`});
    expect(fs.readFileSync(`${shared}/logs/audit.log`, 'utf8')).toBe('a\n');
  });

  test('of our own is followed to a log that is there, and never makes one', async () => {
    const {root, log} = makeLogPlace();
    const elsewhere = temporaryDirectory();
    fs.rmdirSync(`${root}/storage/logs`);
    fs.symlinkSync(elsewhere, `${root}/storage/logs`);
    await expect(append({root, log})).rejects.toThrow();
    expect(fs.readdirSync(elsewhere)).toEqual([]);
    fs.writeFileSync(`${elsewhere}/audit.log`, '');
    await append({root, log});
    expect(fs.readFileSync(`${elsewhere}/audit.log`, 'utf8')).toBe('a\n');
  });

  test.runIf(isRoot)("of somebody else's is not followed", async () => {
    for (const at of ['storage/logs', 'storage/logs/audit.log']) {
      const {root, log} = makeLogPlace();
      const elsewhere = temporaryDirectory();
      fs.writeFileSync(`${elsewhere}/audit.log`, 'precious\n');
      fs.rmdirSync(`${root}/storage/logs`);
      if (at.endsWith('.log')) fs.mkdirSync(`${root}/storage/logs`);
      fs.symlinkSync(at.endsWith('.log') ? `${elsewhere}/audit.log` : elsewhere, `${root}/${at}`);
      fs.lchownSync(`${root}/${at}`, nobody, nobody);
      await expect(append({root, log})).rejects.toThrow(
        `${root}/${at} is a link of nobody's, and is not followed: only one of root's or yours is`,
      );
      expect(fs.readFileSync(`${elsewhere}/audit.log`, 'utf8')).toBe('precious\n');
    }
  });
});

describe.runIf(isRoot)('root, where storage/ is the web user’s,', () => {
  function makeForeign() {
    const place = makeLogPlace();
    for (const each of ['storage', 'storage/logs']) fs.chownSync(`${place.root}/${each}`, nobody, nobody);
    return place;
  }

  test('makes a log that the web user can go on with', async () => {
    const place = makeForeign();
    await append(place);
    expect(fs.statSync(place.log)).toMatchObject({uid: nobody, gid: nobody});
  });

  test('does not write to a file that has another name', async () => {
    const place = makeForeign();
    const other = `${place.root}/other`;
    fs.writeFileSync(other, 'precious\n');
    fs.linkSync(other, place.log);
    await expect(append(place)).rejects.toThrow('it has another name, so root does not write to it');
    expect(fs.readFileSync(other, 'utf8')).toBe('precious\n');
  });

  test("does not write to a file of root's that lies elsewhere", async () => {
    const {root} = makeForeign();
    const log = `${temporaryDirectory()}/passwd`;
    fs.writeFileSync(log, 'precious\n');
    await expect(append({root, log})).rejects.toThrow(
      'it lies outside of storage/ and belongs to root, not to nobody as storage/ does: root does not write to it',
    );
    fs.mkdirSync(`${root}/storage/logs/deep`);
    // Whatever way leads there.
    const round = `${root}/storage/logs/deep/../../../../${log}`;
    await expect(append({root, log: round})).rejects.toThrow();
    expect(fs.readFileSync(log, 'utf8')).toBe('precious\n');
    fs.chownSync(log, nobody, nobody);
    await append({root, log});
    expect(fs.readFileSync(log, 'utf8')).toBe('precious\na\n');
  });
});
