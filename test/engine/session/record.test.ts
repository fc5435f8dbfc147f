import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {operatorName, userName} from '../../../source/engine/base/owner.ts';
import {readRecord, recordFile, SessionRecord} from '../../../source/engine/session/record.ts';
import {checkRecord} from '../../../source/engine/session/record-check.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {writeAny} from '../../support/write-any.ts';

function makeRecord() {
  const directory = temporaryDirectory();
  const file = `${directory}/${recordFile}`;
  const write = (...types: string[]) => {
    const record = new SessionRecord(directory, 'anna');
    for (const type of types) writeAny(record, type, {type});
    record.close();
  };
  return {directory, file, write, text: () => fs.readFileSync(file, 'utf8')};
}

/** Each line names the hash of the one before it, and counts on from it. */
function checkChain(text: string): void {
  const lines = text.trimEnd().split('\n');
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    const previous = before === undefined ? '' : createHash('sha256').update(before).digest('hex');
    expect(JSON.parse(line)).toMatchObject({sequence: index + 1, previous});
  }
}

describe('a record', () => {
  test('chains its lines, whoever goes on with it', () => {
    const {directory, write, text} = makeRecord();
    write('one', 'two');
    write('three');
    checkChain(text());
    expect(readRecord(directory).lines.map(({type, operator}) => [type, operator])).toEqual([
      ['one', 'anna'],
      ['two', 'anna'],
      ['three', 'anna'],
    ]);
  });

  test('a line that a kill cut short is taken out, and that is noted', () => {
    const {directory, file, write, text} = makeRecord();
    write('one');
    fs.appendFileSync(file, '{"sequence":2,"type":"to');
    expect(readRecord(directory).lines).toHaveLength(1);
    write('three');
    checkChain(text());
    expect(readRecord(directory).lines.map(({type, data}) => [type, data])).toEqual([
      ['one', {type: 'one'}],
      ['repaired', {removed: '{"sequence":2,"type":"to'}],
      ['three', {type: 'three'}],
    ]);
  });

  test('what a kill left may be no text at all: the lines before it stay as they are', () => {
    const {directory, file, write, text} = makeRecord();
    write('one');
    // Half a character, which is three bytes once it was read as text.
    fs.appendFileSync(file, Buffer.from([0x22, 0xc3, 0x28, 0xff, 0xfe]));
    write('two');
    checkChain(text());
    expect(fs.readFileSync(file).includes(0)).toBe(false);
    expect(checkRecord(directory)).toMatchObject({broken: null, torn: false});
  });

  test('keeps its chain where two write to it in turn', () => {
    const {directory, text} = makeRecord();
    const [one, other] = [new SessionRecord(directory, 'anna'), new SessionRecord(directory, 'ben')];
    writeAny(one, 'opened');
    writeAny(other, 'step');
    writeAny(one, 'finished');
    writeAny(other, 'step');
    one.close();
    other.close();
    checkChain(text());
  });

  test('is read on from where it ended, only whole lines of it', () => {
    const {directory, file, write} = makeRecord();
    expect(readRecord(directory)).toEqual({lines: [], next: 0});
    write('one');
    const {next} = readRecord(directory);
    expect(next).toBe(fs.statSync(file).size);
    fs.appendFileSync(file, 'torn');
    expect(readRecord(directory, next)).toEqual({lines: [], next});
    fs.appendFileSync(file, ' no line of ours\n[]\n{"sequence":1}\n');
    expect(readRecord(directory, next)).toEqual({lines: [], next: fs.statSync(file).size});
  });

  test('is not written through a link', () => {
    const {directory, file} = makeRecord();
    const victim = `${temporaryDirectory()}/victim`;
    fs.writeFileSync(victim, 'stays');
    fs.symlinkSync(victim, file);
    expect(() => new SessionRecord(directory, 'anna')).toThrow('it is a link, not a file');
    expect(() => readRecord(directory)).toThrow(/ELOOP/);
    expect(fs.readFileSync(victim, 'utf8')).toBe('stays');
  });

  test('is nothing but a file: a pipe there is waited for by nobody', () => {
    const {directory, file} = makeRecord();
    execFileSync('mkfifo', [file]);
    expect(() => new SessionRecord(directory, 'anna')).toThrow('it is a pipe (FIFO), not a file');
    expect(readRecord(directory)).toEqual({lines: [], next: 0});
  });

  test('names who is behind sudo', () => {
    expect(operatorName({})).toBe(userName());
    expect(operatorName({SUDO_USER: 'anna'})).toBe(`anna as ${userName()}`);
    expect(operatorName({SUDO_USER: userName()})).toBe(userName());
    // No longer than a line of a record may have it.
    expect(operatorName({SUDO_USER: 'x'.repeat(1e6)}).length).toBeLessThan(256);
  });
});
