import fs from 'node:fs';
import {expect, test} from 'vitest';
import {freeDirectory} from '../../../source/engine/restore/drill.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

test('a drill is offered a name of which there is nothing, not even a link that leads nowhere', () => {
  const wanted = `${temporaryDirectory()}/drill`;
  expect(freeDirectory(wanted)).toBe(wanted);
  fs.mkdirSync(wanted);
  expect(freeDirectory(wanted)).toBe(`${wanted}-2`);
  fs.symlinkSync('nowhere', `${wanted}-2`);
  expect(freeDirectory(wanted)).toBe(`${wanted}-3`);
});
