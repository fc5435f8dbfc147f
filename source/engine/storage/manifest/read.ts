import type {Stats} from 'node:fs';
import {readSmallFile} from '../../base/files.ts';
import {noStringEnd, tooEarly} from '../../base/json-checker.ts';
import {type Json, JsonError, parseJson} from './json.ts';
import {type ManifestContent, readContent} from './schema.ts';

/** 20,000 datasets fit; what is larger was not made by a backup run. */
export const maxManifestBytes = 16 * 1024 * 1024;

/** Why a manifest of so many bytes is not written, for the plan of a backup; null where it is. */
export const whyTooLarge = (files: number, bytes: number): string | null =>
  bytes > maxManifestBytes
    ? `${files} files make a manifest of ${bytes} bytes, and one of more than ${maxManifestBytes} is not read again: back up fewer, or many of them as one archive`
    : null;

export type Manifest = ManifestContent & {
  /** The text as decoded, without a BOM. */
  text: string;
  hasBom: boolean;
  tree: Json;
  stats: Stats;
};

type ManifestResult =
  | {state: 'read'; manifest: Manifest}
  | {state: 'missing'}
  | {state: 'unreadable'; reason: string; isOurs?: boolean};

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
const bom = '\ufeff';

/** Bytes of a manifest from which on it takes long to parse. */
const long = 256 * 1024;

type Parsed = Omit<Manifest, 'stats'> | {reason: string};

/** The last long manifest that was parsed: a restore looks at the same one five times. */
let last: {bytes: Uint8Array; parsed: Parsed} | null = null;

/** Parses the bytes of a manifest, hostile until proven otherwise. Never throws for their content. */
export function parseManifest(bytes: Uint8Array): Parsed {
  if (bytes.length < long) return parse(bytes);
  if (!last || Buffer.compare(last.bytes, bytes) !== 0) last = {bytes, parsed: parse(bytes)};
  return last.parsed;
}

function parse(bytes: Uint8Array): Parsed {
  if (bytes.length === 0) {
    return {
      reason:
        'manifest.json is empty: PHP writes that when a label or path is not UTF-8, or the disk is full',
    };
  }
  let decoded: string;
  try {
    decoded = utf8.decode(bytes);
  } catch {
    return {reason: 'manifest.json is not UTF-8 text'};
  }
  const hasBom = decoded.startsWith(bom);
  const text = hasBom ? decoded.slice(1) : decoded;
  let tree: Json;
  try {
    tree = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const {message, line, column} = error;
    const cut = message === tooEarly || message === noStringEnd;
    const twice = message.startsWith('the key');
    const what = cut ? 'is cut short' : twice ? 'cannot be relied on' : 'is not valid JSON';
    return {reason: `manifest.json ${what}: ${message} at line ${line}, column ${column}`};
  }
  const content = readContent(tree);
  return 'reason' in content ? content : {...content, text, hasBom, tree};
}

/** Reads `<directory>/manifest.json` without following a link. */
export function readManifest(directory: string): ManifestResult {
  const file = readSmallFile(`${directory}/manifest.json`, maxManifestBytes);
  if ('missing' in file) return {state: 'missing'};
  if ('reason' in file)
    return {state: 'unreadable', reason: `manifest.json ${file.reason}`, isOurs: file.isOurs === true};
  const parsed = parseManifest(file.data);
  if ('reason' in parsed) return {state: 'unreadable', reason: parsed.reason};
  return {state: 'read', manifest: {...parsed, stats: file.stats}};
}

/** Bytes of a manifest that cannot be parsed that are still shown. */
const maxRawBytes = 1024 * 1024;

/** The text of a manifest that may be anything but one, for looking at; null where there is none to be had. */
export function readRawManifest(directory: string): string | null {
  const file = readSmallFile(`${directory}/manifest.json`, maxRawBytes);
  return 'data' in file ? file.data.toString('utf8') : null;
}
