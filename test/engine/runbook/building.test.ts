import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {Workplace} from '../../../source/engine/backup/workplace.ts';
import {metricsFile} from '../../../source/engine/config/metrics-file.ts';
import {openWriter} from '../../../source/engine/retention/writer.ts';
import {openBackups} from '../../../source/engine/storage/backups-directory.ts';
import {openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {
  beginBuilding,
  finishUnfinished,
  makeLocked,
  noteUnfinished,
  whatIsBuilt,
} from '../../../source/engine/storage/runbook/unfinished.ts';
import {makeRoot} from '../../support/backups.ts';
import {giveAway, whileSwapped} from '../../support/swapping.ts';

const isRoot = process.getuid?.() === 0;
const id = '20260101_000000';

function makePlace() {
  const {root, backups: directory} = makeRoot();
  if (isRoot) giveAway(root);
  const state = openState(root);
  state.make('building').close();
  const backups = openBackups(root, directory);
  const building = `${root}/storage/runbook/building`;
  return {root, directory, state, backups, building};
}

/** Builds a backup of one file, and publishes it. @returns why it is not there; null where it is */
function build(
  {state, backups}: ReturnType<typeof makePlace>,
  name: string,
  before = () => {},
): string | null {
  let workplace: Workplace;
  try {
    workplace = new Workplace(state, backups, id);
  } catch (error) {
    return String(error);
  }
  try {
    before();
    return workplace.publish(name, () => workplace.writeFile('manifest.json', '{}')) ? null : 'taken';
  } catch (error) {
    return String(error);
  } finally {
    workplace.discard();
    workplace.close();
  }
}

describe('what is built', () => {
  test('and was swapped meanwhile is not published, and what took its place stays out of the catalog', () => {
    const place = makePlace();
    const swap = () => {
      fs.renameSync(`${place.building}/${id}`, `${place.building}/away`);
      fs.mkdirSync(`${place.building}/${id}`);
      fs.writeFileSync(`${place.building}/${id}/his`, '');
    };
    expect(build(place, id, swap)).toContain(`building/${id} was replaced by something else meanwhile`);
    expect(fs.readdirSync(place.directory)).toEqual([]);
    expect(fs.readdirSync(`${place.building}/${id}`)).toEqual(['his']);
    expect(fs.readdirSync(`${place.building}/away`)).toEqual([]);
  });

  test.runIf(isRoot)(
    'is published whole or not at all, however it is swapped',
    async () => {
      const place = makePlace();
      const lure = `${place.root}/storage/lure`;
      fs.mkdirSync(lure);
      giveAway(lure);
      await whileSwapped(`${place.building}/${id}`, lure, () => {
        for (let times = 0; times < 200; times++) {
          const name = `${id}_${times}`;
          const why = build(place, name);
          const there = fs.existsSync(`${place.directory}/${name}`);
          expect({why, there}).toEqual({why, there: why === null});
          if (there) expect(fs.readdirSync(`${place.directory}/${name}`)).toEqual(['manifest.json']);
        }
      });
    },
    120_000,
  );

  test('is no record of a restore: one that was moved there stays', () => {
    const {state, backups, building} = makePlace();
    fs.mkdirSync(`${building}/3`);
    fs.writeFileSync(`${building}/3/session.jsonl`, 'precious');
    const reason = 'it is the record of a restore: move it back to sessions/';
    expect(finishUnfinished(state, backups).left).toEqual([{name: 'storage/runbook/building/3', reason}]);
    expect(fs.readFileSync(`${building}/3/session.jsonl`, 'utf8')).toBe('precious');
  });

  test('is not tidied up while somebody is at work in it, whoever holds the lock of the root', () => {
    const {state, backups, building} = makePlace();
    const directory = state.make('building');
    const built = beginBuilding(directory, id);
    fs.mkdirSync(`${building}/left`);
    expect(finishUnfinished(state, backups)).toEqual({
      names: ['left'],
      left: [{name: `storage/runbook/building/${id}`, reason: 'a process is at work in it'}],
    });
    expect(() => beginBuilding(directory, id)).toThrow('a process is at work in it');
    expect(whatIsBuilt(state, backups)).toBe(`${building}/${id}`);
    built.close();
    expect(whatIsBuilt(state, backups)).toBeNull();
    expect(finishUnfinished(state, backups)).toEqual({names: [id], left: []});
    directory.close();
  });

  test.each(['building', 'the catalog'])('in %s keeps a second writer out that has the lock', (where) => {
    const {root, directory, state, backups} = makePlace();
    const configuration = {metrics: {value: metricsFile(root), from: 'a test', problem: null}};
    const write = () => openWriter({root, backups: directory, configuration, doing: 'backup run'}).close();
    const parent = where === 'building' ? state.make('building') : backups;
    const built = where === 'building' ? beginBuilding(parent, id) : makeLocked(parent, id);
    if (where !== 'building') noteUnfinished(state, backups, id, built.stats);
    built.write('a copy', 'precious');
    const why = `A process is at work in ${parent.name}/${id}, and ${state.name}/lock was deleted under it. Wait until it is done. Nothing was changed.`;
    expect(write).toThrow(why);
    expect(fs.readFileSync(`${built.path}/a copy`, 'utf8')).toBe('precious');
    built.close();
    write();
    expect(fs.existsSync(`${parent.path}/${id}`)).toBe(false);
  });
});
