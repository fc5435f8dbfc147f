import {phpDate} from '../../base/php-date.ts';
import {programName} from '../../base/version.ts';
import type {Attributes} from '../../hashing/attributes.ts';
import type {LeftOut} from '../dataset.ts';
import {type DirectoryRecord, directoryText} from './directories.ts';
import {type CopyFacts, factFields} from './facts.ts';
import {finishedKey} from './finished.ts';
import {isLoss, noneLost, notNamed} from './partial.ts';
import {type PhpValue, phpJson} from './php-json.ts';

/** One copy, as the manifest records it. */
export type MadeCopy = {
  name: string;
  /** Absolute path of its live file; null where there is none that it could go back to: PHP's restore passes it over. */
  source: string | null;
  /** Segments below the backup. */
  at: string[];
  hash: string;
  bytes: number;
  /** Of its live file, as it was copied; none where that is not known any more. */
  attributes?: Attributes | undefined;
  /** What the type of its dataset says of it. */
  facts?: CopyFacts | undefined;
};

export type MadeBackup = {
  id: string;
  /** The backups directory, as it is recorded. */
  backups: string;
  algorithm: string;
  label: string;
  connection: string | null;
  /** When the first source was opened and the last copy done. */
  began: Date;
  ended: Date;
  /** When it was finished later, having been cut off; the hashes are of that time. */
  finished?: Date;
  copies: MadeCopy[];
  missing: {name: string; reason: string}[];
  /** Names of those that were written to each time that they were read. */
  changed: string[];
  /** Copied, but not as it should be. */
  doubtful?: {name: string; reason: string}[];
  leftOut: LeftOut[];
  /** What the directories of directory datasets were, by their keys. */
  directories: ReadonlyMap<string, DirectoryRecord>;
};

/** Names of what was left out that the manifest holds; the others are counted. */
const mostNamed = 500;

/** Keys that are numbers would make PHP take the map for a list. */
function named(items: {name: string; reason: string}[]): Map<string, PhpValue> {
  // What is lost is named before what is not.
  const sorted = items.toSorted((a, b) => Number(isLoss(b.reason)) - Number(isLoss(a.reason)));
  const map = new Map<string, PhpValue>(
    sorted
      .slice(0, mostNamed)
      .map(({name, reason}) => [/^\d+$/.test(name) ? `dataset ${name}` : name, reason]),
  );
  const rest = sorted.slice(mostNamed);
  if (rest.length > 0)
    map.set(notNamed, `${rest.length} ${rest.some(({reason}) => isLoss(reason)) ? 'others' : noneLost}`);
  return map;
}

const attributeFields = ({mode, uid, gid, mtime}: Attributes): [string, PhpValue][] => [
  ['mode', mode],
  ['owner', `${uid}:${gid}`],
  ['modified', mtime],
];

/**
 * The text of a manifest, byte for byte as PHP would have written it (FORMAT.md, manifest.json). What is ours in it are
 * strings, integers and maps that are not empty, so that PHP rewrites it unharmed.
 */
export function manifestText(made: MadeBackup): string {
  const {id, backups, algorithm, label, connection, began, ended, finished, copies, missing, leftOut} = made;
  const changed = [
    ...made.changed.map((name) => ({name, reason: 'written to while it was copied'})),
    ...(made.doubtful ?? []),
  ];
  const datasets = copies.map(({name, source, at, hash, bytes, attributes, facts}): [string, PhpValue] => [
    name,
    new Map<string, PhpValue>([
      ['algorithm', algorithm],
      ['hash', hash],
      ['source', source],
      ['backup', [backups, id, ...at].join('/')],
      ['bytes', bytes],
      ...(attributes ? attributeFields(attributes) : []),
      ...(facts ? factFields(facts) : []),
    ]),
  ]);
  const metadata = new Map<string, PhpValue>([
    ['label', label],
    ['connection', connection],
    ['program', programName],
    finished
      ? [finishedKey, phpDate(finished)]
      : ['copied', `one file after the other, from ${phpDate(began)} to ${phpDate(ended)}`],
  ]);
  if (missing.length > 0) metadata.set('missing', named(missing));
  if (changed.length > 0) metadata.set('changed', named(changed));
  if (leftOut.length > 0) metadata.set('left_out', named(leftOut));
  if (made.directories.size > 0)
    metadata.set(
      'directories',
      new Map([...made.directories].map(([key, record]) => [key, directoryText(record)])),
    );
  return phpJson(
    new Map<string, PhpValue>([
      ['id', id],
      ['created_at', phpDate(ended)],
      ['datasets', new Map(datasets)],
      ['metadata', metadata],
    ]),
  );
}
