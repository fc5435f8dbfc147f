import fs from 'node:fs';
import os from 'node:os';
import {describe, expect, test} from 'vitest';
import {openBackups} from '../../../../source/engine/storage/backups-directory.ts';
import {ownName} from '../../../../source/engine/storage/runbook/left.ts';
import {openState} from '../../../../source/engine/storage/runbook/state-directory.ts';
import {
  finishUnfinished,
  forgetUnfinished,
  noteUnfinished,
} from '../../../../source/engine/storage/runbook/unfinished.ts';
import {
  directoryIdentity,
  noteText,
  type Unfinished,
} from '../../../../source/engine/storage/runbook/unfinished-note.ts';
import {makeBackup, makeRoot} from '../../../support/backups.ts';
import {treeState} from '../../../support/tree.ts';

const id = '20260101_000000';
const other = '20260102_000000';

function makePlace() {
  const {root, backups: directory} = makeRoot();
  const state = openState(root);
  const backups = openBackups(root, directory);
  const file = `${root}/storage/runbook/unfinished.json`;
  const place = directoryIdentity(fs.statSync(directory));
  const identity = (name: string) => directoryIdentity(fs.lstatSync(`${directory}/${name}`));
  const forge = (...entries: Partial<Unfinished>[]) =>
    fs.writeFileSync(
      file,
      JSON.stringify(
        noteText(entries.map((each) => ({backups: directory, place, id, directory: null, ...each}))),
      ),
    );
  return {
    root,
    directory,
    state,
    backups,
    file,
    identity,
    forge,
    finish: () => finishUnfinished(state, backups),
  };
}

const nothing = {names: [], left: []};

describe('a directory that is noted', () => {
  test('before it is made is ours while it is empty', () => {
    const {directory, state, backups, file, finish} = makePlace();
    noteUnfinished(state, backups, id, null);
    fs.mkdirSync(`${directory}/${id}`);
    expect(finish()).toEqual({names: [id], left: []});
    expect(fs.readdirSync(directory)).toEqual([]);
    expect(fs.existsSync(file)).toBe(false);
  });

  test('before it is made, and that somebody else has filled, stays', () => {
    const {directory, state, backups, file, finish} = makePlace();
    noteUnfinished(state, backups, id, null);
    fs.mkdirSync(`${directory}/${id}/datasets`, {recursive: true});
    expect(finish()).toEqual(nothing);
    expect(fs.readdirSync(`${directory}/${id}`)).toEqual(['datasets']);
    expect(fs.existsSync(file)).toBe(false);
  });

  test('is emptied while it has no manifest; each of several', () => {
    const {directory, state, backups, file, finish} = makePlace();
    for (const name of [id, other]) {
      fs.mkdirSync(`${directory}/${name}/datasets`, {recursive: true});
      noteUnfinished(state, backups, name, fs.statSync(`${directory}/${name}`));
    }
    expect(finish()).toEqual({names: [id, other], left: []});
    expect(fs.readdirSync(directory)).toEqual([]);
    expect(fs.existsSync(file)).toBe(false);
  });

  test('is forgotten, and the others are not', () => {
    const {directory, state, backups, finish} = makePlace();
    for (const name of [id, other]) {
      fs.mkdirSync(`${directory}/${name}`);
      noteUnfinished(state, backups, name, fs.statSync(`${directory}/${name}`));
    }
    forgetUnfinished(state, backups, id);
    expect(finish()).toEqual({names: [other], left: []});
    expect(fs.readdirSync(directory)).toEqual([id]);
  });

  test('is remembered while the backups directory is another one', () => {
    const {directory, state, backups, file, finish} = makePlace();
    fs.mkdirSync(`${directory}/${id}`);
    noteUnfinished(state, backups, id, fs.statSync(`${directory}/${id}`));
    const note = fs.readFileSync(file, 'utf8');
    fs.renameSync(directory, `${directory}.away`);
    fs.mkdirSync(directory);
    const elsewhere = openBackups('/', directory);
    expect(finishUnfinished(state, elsewhere)).toEqual({
      names: [],
      left: [{name: `${directory}/${id}`, reason: expect.stringContaining('is a disk not mounted?')}],
    });
    expect(fs.readFileSync(file, 'utf8')).toBe(note);
    fs.rmdirSync(directory);
    fs.renameSync(`${directory}.away`, directory);
    expect(finish()).toEqual({names: [id], left: []});
  });
});

describe('a note that was forged removes nothing', () => {
  test.each<[string, (place: ReturnType<typeof makePlace>) => Partial<Unfinished>]>([
    ['a backup', ({identity}) => ({directory: identity(id)})],
    ['a backup that is said to have been empty', () => ({directory: null})],
    ['another directory than is said', ({identity}) => ({id: other, directory: identity(id)})],
    ['what is no backup', ({identity}) => ({id: 'mine', directory: identity('mine')})],
    ['the directory itself', ({identity}) => ({id: '.', directory: identity('.')})],
    ['a way out', ({identity}) => ({id: `${id}_/../../data`, directory: identity('../data')})],
    ['a NUL', () => ({id: `${id}_\0`})],
    ['a link', ({identity}) => ({id: '20260103_000000', directory: identity('20260103_000000')})],
  ])('that names %s', (_, forged) => {
    const place = makePlace();
    const {root, directory, file} = place;
    makeBackup({backups: directory, id});
    for (const name of [`${directory}/${other}/datasets`, `${directory}/mine`, `${root}/storage/data`])
      fs.mkdirSync(name, {recursive: true});
    fs.symlinkSync('../data', `${directory}/20260103_000000`);
    const before = treeState(directory);
    place.forge(forged(place));
    expect(place.finish()).toEqual(nothing);
    expect(treeState(directory)).toEqual(before);
    expect(fs.existsSync(`${root}/storage/data`)).toBe(true);
    expect(fs.existsSync(file)).toBe(false);
  });

  test('that is nonsense', () => {
    const {file, finish} = makePlace();
    for (const text of ['', '{"version":1', '[]', '{"version":1,"directories":[1]}', '{"version":2}']) {
      fs.writeFileSync(file, text);
      expect(finish()).toEqual(nothing);
    }
  });
});

describe('private copies that a content check had made', () => {
  const left = () =>
    `magds-content-4194999.boot-1.${os
      .hostname()
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-')}.abcdef`;

  test('go where the check is gone; those of one at work, and what is no copy, stay', () => {
    const {state, finish} = makePlace();
    const checking = `${state.name}/checking`;
    const stay = [`${ownName()}abcdef`, 'notes'];
    for (const name of [left(), ...stay]) fs.mkdirSync(`${checking}/${name}`, {recursive: true});
    fs.writeFileSync(`${checking}/${left()}/database`, 'left');
    expect(finish()).toEqual({names: [left()], left: []});
    expect(fs.readdirSync(checking).toSorted()).toEqual(stay.toSorted());
  });

  test('are not reached through a link, which keeps nobody from working', () => {
    const {state, root, finish} = makePlace();
    fs.mkdirSync(`${root}/elsewhere/${left()}`, {recursive: true});
    fs.symlinkSync(`${root}/elsewhere`, `${state.name}/checking`);
    expect(finish()).toMatchObject({names: [], left: [{name: 'storage/runbook/checking'}]});
    expect(fs.existsSync(`${root}/elsewhere/${left()}`)).toBe(true);
  });
});
