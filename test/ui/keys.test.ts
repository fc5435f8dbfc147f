import type {Key} from 'ink';
import {expect, test} from 'vitest';
import {isText, toKeys} from '../../source/ui/keys.ts';

const none: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};
const keys = (input: string, pressed: Partial<Key> = {}) => toKeys(input, {...none, ...pressed});

test('characters that arrive together are so many keys', () => {
  expect(keys('jjj')).toEqual(['j', 'j', 'j']);
  expect(keys('y\r')).toEqual(['y', 'enter']);
  expect(keys('a\r\nb\nc')).toEqual(['a', 'enter', 'b', 'enter', 'c']);
  expect(keys('\t\u007f\b\u001b')).toEqual(['tab', 'backspace', 'backspace', 'escape']);
});

test('what one types as one character is one key', () => {
  expect(keys('e\u0301😀🇩🇪👍🏽')).toEqual(['e\u0301', '😀', '🇩🇪', '👍🏽']);
});

test('control characters have a name, alone or among others', () => {
  expect(keys('c', {ctrl: true})).toEqual(['ctrl+c']);
  expect(keys('C', {ctrl: true})).toEqual(['ctrl+c']);
  expect(keys('\u0003\u001aj')).toEqual(['ctrl+c', 'ctrl+z', 'j']);
});

test('named keys go by their name whatever came with them', () => {
  const named: [Partial<Key>, string][] = [
    [{upArrow: true}, 'up'],
    [{downArrow: true}, 'down'],
    [{leftArrow: true}, 'left'],
    [{rightArrow: true}, 'right'],
    [{pageUp: true}, 'pageup'],
    [{pageDown: true}, 'pagedown'],
    [{home: true}, 'home'],
    [{end: true}, 'end'],
    [{return: true}, 'enter'],
    [{escape: true}, 'escape'],
    [{tab: true, shift: true}, 'tab'],
    [{backspace: true}, 'backspace'],
    [{delete: true}, 'backspace'],
  ];
  for (const [pressed, name] of named) expect(keys('', pressed)).toEqual([name]);
});

test('a letter with a key of the window system is not that letter', () => {
  expect(keys('q', {super: true})).toEqual([]);
  expect(keys('v', {hyper: true})).toEqual([]);
});

test('Escape and what comes with it in one chunk, as on a slow link, are two keys', () => {
  expect(keys('j', {meta: true})).toEqual(['escape', 'j']);
  expect(keys('', {return: true, meta: true})).toEqual(['escape', 'enter']);
  expect(keys('', {escape: true, meta: true})).toEqual(['escape', 'escape']);
  expect(keys('', {backspace: true, meta: true})).toEqual(['escape', 'backspace']);
});

test('capitals stay capitals', () => {
  expect(keys('G', {shift: true})).toEqual(['G']);
});

test('text is what stands for itself, not a key with a name', () => {
  for (const text of ['a', ' ', '/', 'é', 'e\u0301', '漢', '👍🏽']) expect(isText(text)).toBe(true);
  for (const name of ['up', 'enter', 'escape', 'ctrl+c', 'pageup', 'tab', '\u0007'])
    expect(isText(name)).toBe(false);
});
