import fs from 'node:fs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Directory} from '../../../source/engine/base/directory.ts';
import {longestOf} from '../../../source/engine/session/about.ts';
import {
  badSinceIn,
  cutIncident,
  endIncident,
  type IncidentLine,
  incidentDoubts,
  incidentLines,
  incidentName,
  incidentOf,
  incidentWords,
  isSaid,
  keepIncident,
  newOf,
  noIncident,
  readIncident,
  timesSaid,
  wordsSaid,
} from '../../../source/engine/session/incident.ts';
import {anyText} from '../../support/arbitraries.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const at = new Date('2026-11-23T01:30:00.000Z');
const bad = '2026-11-23T01:10:00.000Z';

function inState<T>(action: (state: Directory, file: string) => T): T {
  const path = temporaryDirectory();
  const state = Directory.open(path);
  try {
    return action(state, `${path}/${incidentName}`);
  } finally {
    state.close();
  }
}

const known = (state: Directory) => incidentOf(readIncident(state));

test('each word counts as it was said last, by whom and when, and what is taken back is not known', () =>
  inState((state) => {
    keepIncident(state, incidentLines({badSince: bad, ticket: 'INC-1'}, {operator: 'amira'}, at));
    keepIncident(
      state,
      incidentLines({ticket: 'INC-2', title: 'x'}, {operator: 'bob as root'}, new Date(at.getTime() + 1)),
    );
    keepIncident(state, incidentLines({title: null}, {operator: 'bob as root'}, at));
    expect(known(state)).toEqual({
      ...noIncident,
      badSince: {value: bad, by: 'amira', at: at.toISOString()},
      ticket: {value: 'INC-2', by: 'bob as root', at: '2026-11-23T01:30:00.001Z'},
    });
    expect(badSinceIn(known(state))).toEqual({at: Date.parse(bad), by: 'amira'});
    expect(newOf(known(state), {ticket: 'INC-2', title: null, badSince: null})).toEqual({badSince: null});
  }));

test('an incident that has ended is not known any more, and the next one begins anew', () =>
  inState((state, file) => {
    expect(endIncident(state, 'amira', at)).toBe(false);
    expect(fs.existsSync(file)).toBe(false);
    keepIncident(state, incidentLines({badSince: bad, noticed: bad}, {operator: 'amira'}, at));
    expect(timesSaid(state)).toEqual([{what: 'noticed', at: bad, by: 'amira', said: at.toISOString()}]);
    expect(wordsSaid(state, {badSince: bad, ticket: null})).toEqual({
      badSince: {by: 'amira', at: at.toISOString()},
    });
    expect(wordsSaid(state, {badSince: 'another'})).toEqual({});
    expect(endIncident(state, 'amira', at)).toBe(true);
    expect(isSaid(known(state))).toBe(false);
    keepIncident(state, incidentLines({ticket: 'INC-9'}, {operator: 'bob'}, at));
    expect(known(state)).toMatchObject({badSince: null, ticket: {value: 'INC-9', by: 'bob'}});
  }));

test('what a kill has torn, or an editor put there, takes nothing from the others', () =>
  inState((state, file) => {
    keepIncident(state, incidentLines({ticket: 'INC-1'}, {operator: 'amira'}, at));
    fs.appendFileSync(file, '{"version":1,"at":"2026-');
    keepIncident(state, incidentLines({title: 'ledger'}, {operator: 'amira'}, at));
    expect(known(state)).toMatchObject({ticket: {value: 'INC-1'}, title: {value: 'ledger'}});
  }));

test('a file that has grown keeps only what still counts', () =>
  inState((state, file) => {
    keepIncident(state, incidentLines({badSince: bad}, {operator: 'amira'}, at));
    const many = Array.from({length: 500}, () =>
      incidentLines({title: 't'.repeat(100)}, {operator: 'amira'}, at),
    ).flat();
    keepIncident(state, many);
    expect(fs.statSync(file).size).toBeGreaterThan(70_000);
    keepIncident(state, incidentLines({title: 'the last'}, {operator: 'amira'}, at));
    cutIncident(state);
    expect(fs.statSync(file).size).toBeLessThan(1000);
    expect(known(state)).toMatchObject({badSince: {value: bad}, title: {value: 'the last'}});
  }));

test('a link in its place is not written through', () =>
  inState((state, file) => {
    const other = `${temporaryDirectory()}/other`;
    fs.writeFileSync(other, 'mine');
    fs.symlinkSync(other, file);
    expect(() => keepIncident(state, incidentLines({ticket: 'INC-1'}, {operator: 'amira'}, at))).toThrow(
      /incident\.jsonl: .*move it away/,
    );
    expect(fs.readFileSync(other, 'utf8')).toBe('mine');
    expect(known(state)).toEqual(noIncident);
  }));

test('noticed or declared before it went wrong is doubted', () => {
  const said = (value: string) => ({value, by: 'amira', at: bad});
  const incident = {...noIncident, badSince: said(bad), noticed: said('2026-11-23T00:50:00.000Z')};
  expect(incidentDoubts(incident)).toEqual([
    'noticed (2026-11-23 00:50Z) is before bad since (2026-11-23 01:10Z)',
  ]);
});

test('whatever the lines say, a time is one and a text is a line that can be told', () => {
  const line: fc.Arbitrary<IncidentLine> = fc.record({
    version: fc.constant(1 as const),
    at: fc.constant(bad),
    by: anyText,
    what: fc.constantFrom(...incidentWords, 'over' as const),
    value: fc.option(fc.oneof(anyText, fc.constant(bad), fc.string({minLength: 130, maxLength: 300}))),
  });
  fc.assert(
    fc.property(fc.array(line, {maxLength: 12}), (lines) => {
      const incident = incidentOf(lines);
      for (const what of ['badSince', 'noticed', 'declared'] as const)
        if (incident[what]) expect(incident[what].value).toBe(new Date(incident[what].value).toISOString());
      for (const what of ['ticket', 'title', 'authorisedBy'] as const)
        if (incident[what]) {
          expect(incident[what].value.trim()).not.toBe('');
          expect([...incident[what].value].length).toBeLessThanOrEqual(longestOf[what]);
        }
      // Who follows them one by one knows the same.
      const over = lines.findLastIndex(({what}) => what === 'over');
      expect(incidentOf(lines.slice(over + 1))).toEqual(incident);
    }),
  );
});

test('a time that was counted back keeps how it was typed', () => {
  const state = Directory.open(temporaryDirectory());
  const at = new Date('2026-11-23T10:19:28.000Z');
  const badSince = '2026-11-23T05:19:00.000Z';
  keepIncident(
    state,
    incidentLines({badSince, ticket: 'INC-1'}, {operator: 'root'}, at, {badSince: '5h ago'}),
  );
  expect(incidentOf(readIncident(state)).badSince).toMatchObject({value: badSince, typed: '5h ago'});
  expect(wordsSaid(state, {badSince, ticket: 'INC-1'})).toEqual({
    badSince: {by: 'root', at: at.toISOString(), typed: '5h ago'},
    ticket: {by: 'root', at: at.toISOString()},
  });
  state.close();
});

test('a name that was typed beside the login is kept, and goes with the word into a session', () => {
  const state = Directory.open(temporaryDirectory());
  const at = new Date('2026-11-23T10:19:28.000Z');
  const [badSince, by] = ['2026-11-23T05:19:00.000Z', 'root'];
  const kim = {operator: by, person: 'Kim Vogel'};
  keepIncident(state, incidentLines({badSince, noticed: badSince}, kim, at));
  expect(incidentOf(readIncident(state)).badSince).toMatchObject({by, person: 'Kim Vogel'});
  const told = {by, person: 'Kim Vogel', at: at.toISOString()};
  expect(wordsSaid(state, {badSince})).toEqual({badSince: told});
  expect(timesSaid(state)).toEqual([
    {what: 'noticed', at: badSince, by, said: at.toISOString(), person: 'Kim Vogel'},
  ]);
});
