import {expect, test} from 'vitest';
import {Directory} from '../../../source/engine/base/directory.ts';
import {Telling} from '../../../source/engine/session/progress.ts';
import {readRecord} from '../../../source/engine/session/record.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

test('a name that was typed stands in what operators say, and in nothing else', () => {
  const session = Directory.open(temporaryDirectory());
  const answer = {step: 'service', state: 'done', machine: false, note: null} as const;
  for (const env of [{MAGDS_OPERATOR: 'Kim Vogel'}, {}]) {
    const telling = new Telling(session, env);
    telling.note('step', answer);
    telling.note('closed', {kept: []});
    telling.note('held', {id: 'x'});
    telling.note('time', {what: 'noticed', at: '2026-11-23T14:35:00.000Z', by: 'bob'});
    telling.close();
  }
  const {lines} = readRecord(session.path);
  session.close();
  expect(lines.map(({type, data}) => [type, data['person']])).toEqual([
    ['step', 'Kim Vogel'],
    ['closed', 'Kim Vogel'],
    ['held', undefined],
    ['time', undefined],
    ['step', undefined],
    ['closed', undefined],
    ['held', undefined],
    ['time', undefined],
  ]);
});
