import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {byHand} from '../../../source/engine/session/by-hand.ts';
import type {JournalItem} from '../../../source/engine/session/journal.ts';
import {aJournal, anItem} from '../../support/journals.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

/** Names of files that a shell would take for something else. */
const fileName = fc
  .oneof(
    fc.constantFrom(
      "it's",
      '$(touch x)',
      '`id`',
      'a b',
      '-rf',
      '*',
      '~',
      'a;b',
      '"',
      '\\',
      "'",
      '\n',
      'é',
      '!!',
      '#',
    ),
    fc.string({unit: 'grapheme', minLength: 1, maxLength: 12}),
  )
  .filter((name) => !/[/\0]/.test(name) && name !== '.' && name !== '..');

const run = (commands: string[], cwd: string) =>
  execFileSync('sh', ['-ec', commands.join('\n')], {cwd, stdio: 'pipe'});

/** Old, new, and what lies beside, as a restore leaves them between two switches. */
function makeHalf(names: string[]) {
  const base = temporaryDirectory();
  const items = names.map((name, index): JournalItem => {
    const item = anItem('x', {
      place: {path: `${base}/${name}`, base, segments: [name]},
      temporary: `.${index}-new`,
      aside: `.${index}-old`,
    });
    const isSwitched = index === 0;
    fs.writeFileSync(`${base}/${name}`, isSwitched ? 'new' : 'old');
    if (isSwitched) fs.writeFileSync(`${base}/.${index}-old`, 'old');
    else {
      fs.linkSync(`${base}/${name}`, `${base}/.${index}-old`);
      fs.writeFileSync(`${base}/.${index}-new`, 'new');
    }
    return item;
  });
  const read = () => names.map((name) => fs.readFileSync(`${base}/${name}`, 'utf8'));
  return {base, items, read};
}

describe('commands that finish by hand', () => {
  test('give the shell the very paths, whatever is in them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fileName, {minLength: 2, maxLength: 2}), (names) => {
        const {base, items, read} = makeHalf(names);
        const commands = byHand(aJournal({items}), 'back').filter((each) => each !== 'sync');
        run(commands, base);
        expect(read()).toEqual(['old', 'old']);
        expect(fs.readdirSync(base).toSorted()).toEqual(names.toSorted());
      }),
      {numRuns: 25},
    );
  });

  test('lead forward too, and may be run again', () => {
    const {base, items, read} = makeHalf(['a', 'b']);
    const commands = byHand(aJournal({items}), 'forward');
    expect(commands).toEqual([
      `[ ! -e ${base}/.0-new ] || mv -fT ${base}/.0-new ${base}/a`,
      `[ ! -e ${base}/.1-new ] || mv -fT ${base}/.1-new ${base}/b`,
      'sync',
    ]);
    for (let time = 0; time < 2; time++) run(commands, base);
    expect(read()).toEqual(['new', 'new']);
  });

  test('take away what had been absent, and bring back what was taken away', () => {
    const base = temporaryDirectory();
    const place = (name: string) => ({path: `${base}/${name}`, base, segments: [name]});
    const made = anItem('made', {
      place: place('made'),
      old: {kind: 'absent', missing: []},
      temporary: '.0-new',
      aside: '.0-old',
    });
    const gone = anItem('gone', {place: place('gone'), new: null, temporary: '.1-new', aside: '.1-old'});
    fs.writeFileSync(`${base}/made`, 'new');
    fs.writeFileSync(`${base}/.1-old`, 'old');
    run(byHand(aJournal({items: [made, gone]}), 'back').slice(0, -1), base);
    expect(fs.readdirSync(base)).toEqual(['gone']);
    expect(byHand(aJournal({items: [gone]}), 'forward')).toEqual([`rm -f ${base}/gone`, 'sync']);
  });
});
