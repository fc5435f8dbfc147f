import fs from 'node:fs';
import {expect, test} from 'vitest';
import {listHeld} from '../../../source/engine/storage/held.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

test('what is held goes by the name of its directory, whatever the file in it says', () => {
  const held = temporaryDirectory();
  const id = '20260101_000000_release';
  const hold = {
    version: 1,
    id: '20250101_000000_other',
    at: '',
    reason: 'INC-4711',
    by: 'amira',
    host: 'db-01',
  };
  for (const name of [id, '20260102_000000']) fs.mkdirSync(`${held}/${name}`);
  fs.writeFileSync(`${held}/${id}/hold.json`, JSON.stringify(hold));
  expect(listHeld(held).map(({id: each, reason}) => [each, reason])).toEqual([
    ['20260102_000000', ''],
    [id, 'INC-4711'],
  ]);
});
