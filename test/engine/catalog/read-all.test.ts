import fs from 'node:fs';
import {expect, test} from 'vitest';
import {readRows, readRowsTogether} from '../../../source/engine/catalog/read-all.ts';
import {readShare, type Share} from '../../../source/engine/catalog/share.ts';
import {readBeside} from '../../../source/engine/catalog/thread.ts';
import {makeRoot} from '../../support/backups.ts';

/** A root with so many backups without copies, and one that has no manifest. */
function manyIn(count: number) {
  const {root, backups} = makeRoot();
  for (let index = 0; index < count; index++) {
    const id = `20260101_${String(index).padStart(6, '0')}`;
    fs.mkdirSync(`${backups}/${id}`);
    // Not one that may still be running: its age would be said.
    if (index === 0) fs.utimesSync(`${backups}/${id}`, 0, 0);
    else
      fs.writeFileSync(`${backups}/${id}/manifest.json`, `{"id": "${id}", "datasets": {}, "metadata": {}}`);
  }
  return {root, backups};
}

const shareOf = (backups: string, taken = 0): Share => ({
  backups: fs.readdirSync(backups).map((id) => [backups, id]),
  state: null,
  now: Date.now(),
  taken: Int32Array.of(taken),
});

test('two threads together say of many what one says', async () => {
  const place = manyIn(2001);
  const together = await readRowsTogether(place);
  const alone = readRows(place);
  expect([...together.rows.keys()]).toStrictEqual(alone.listing.ids);
  expect(JSON.stringify([...together.rows])).toBe(JSON.stringify([...alone.rows]));
});

test('what is taken by one is not read by another', () => {
  const {backups} = manyIn(120);
  const share = shareOf(backups, 50);
  expect(readShare(share).map(({id}) => id)).toStrictEqual(share.backups.slice(50).map(([, id]) => id));
  expect(readShare(share)).toStrictEqual([]);
});

test('a thread of its own reads what a share leaves it', async () => {
  const {backups} = manyIn(60);
  const share = {...shareOf(backups), taken: new Int32Array(new SharedArrayBuffer(4))};
  expect(await readBeside(share)).toStrictEqual(readShare(shareOf(backups)));
  expect(Atomics.load(share.taken, 0)).toBeGreaterThanOrEqual(60);
});

test('a thread that cannot read says nothing, and nobody waits for it', async () => {
  const {backups} = manyIn(1);
  expect(await readBeside({...shareOf(backups), backups: [null as never]})).toStrictEqual([]);
});
