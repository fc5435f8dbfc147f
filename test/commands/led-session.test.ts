import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {Directory} from '../../source/engine/base/directory.ts';
import {followSession} from '../../source/engine/restore/follow.ts';
import type {RestoreRequest} from '../../source/engine/restore/request.ts';
import {startRestore} from '../../source/engine/restore/start.ts';
import {isRoot, makeSmallRoot} from '../support/faults.ts';
import type {RestoreRoot} from '../support/restore-root.ts';
import {beginRestore} from '../support/restore-runner.ts';
import {magds} from '../support/run.ts';
import {giveAway, whileSwapped} from '../support/swapping.ts';
import {makePipe} from '../support/temporary.ts';

/** A root of the web user's with one backup, and a live file that differs from it. */
async function makeChanged() {
  const {root, backups} = makeSmallRoot({old: 0, maxCount: 9});
  giveAway(root);
  expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0});
  const [id] = fs.readdirSync(backups) as [string];
  const live = path.join(root, 'storage/data/settings.json');
  fs.writeFileSync(live, 'changed');
  return {root, id, live};
}

const restore = (root: string, id: string) =>
  magds(['restore', `--id=${id}`, `--yes=${id}`, '--only=settings', '--root', root]);

describe.runIf(isRoot)('the directory of a session', () => {
  test('that is swapped while it is at work: what is said is what was done, and nothing waits', async () => {
    const {root, id, live} = await makeChanged();
    const sessions = `${root}/storage/runbook/sessions`;
    const lure = `${root}/storage/lure`;
    fs.mkdirSync(sessions);
    fs.mkdirSync(lure);
    for (const name of ['progress', 'session.jsonl', 'restore.log', 'cancel']) makePipe(`${lure}/${name}`);
    giveAway(sessions);
    giveAway(lure);
    for (let times = 1; times <= 4; times++) {
      fs.writeFileSync(live, 'changed');
      const {code, stdout, stderr} = await whileSwapped(`${sessions}/${times}`, lure, () =>
        restore(root, id),
      );
      const restored = fs.readFileSync(live, 'utf8') !== 'changed';
      expect({restored, said: [0, 3, 6].includes(code ?? -1), stdout, stderr}).toMatchObject({
        said: restored,
      });
    }
  }, 120_000);

  test('that was swapped before its process has begun: nothing is restored, and the record says so', async () => {
    const {root, id, live} = await makeChanged();
    const begun = await beginRestore({root, id} as RestoreRoot, {safety: true});
    const named = `${root}/storage/runbook/sessions/${begun.session}`;
    const directory = Directory.open(named);
    fs.renameSync(named, `${root}/storage/his`);
    fs.mkdirSync(named);
    for (const name of ['progress', 'session.jsonl']) makePipe(`${named}/${name}`);
    const argument = process.argv[1];
    try {
      // The runtime of this process starts it, which runs the bundle only, whatever else is tested.
      process.argv[1] = path.resolve('dist/magds.js');
      const {isGone} = await startRestore(
        JSON.parse(fs.readFileSync(begun.request, 'utf8')) as RestoreRequest,
        directory,
      );
      const events = followSession(directory, begun.session, isGone, new AbortController().signal);
      const all = await Array.fromAsync(events);
      expect(all.at(-1)).toMatchObject({
        type: 'finished',
        finished: {
          outcome: 'refused',
          reason: `${named} was replaced by something else: find out by whom. Nothing was changed`,
          beware: [
            `${named} was replaced by something else: the record of this restore is in ${root}/storage/his`,
          ],
        },
      });
    } finally {
      process.argv[1] = argument as string;
      directory.close();
    }
    expect(fs.readFileSync(live, 'utf8')).toBe('changed');
  });

  test('can be read by others whatever the umask', async () => {
    const {root, id} = await makeChanged();
    const before = process.umask(0o077);
    try {
      expect(await restore(root, id)).toMatchObject({code: 0});
    } finally {
      process.umask(before);
    }
    const directory = `${root}/storage/runbook/sessions/1`;
    for (const name of ['session.jsonl', 'progress', 'journal.json', 'manifest.json'])
      expect([name, (fs.statSync(`${directory}/${name}`).mode & 0o777).toString(8)]).toEqual([name, '644']);
  });
});
