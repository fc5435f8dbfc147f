import * as z from 'zod/mini';
import {type DirectoryRecord, readDirectory} from './directories.ts';
import {type CopyFacts, readFacts} from './facts.ts';
import {finishedKey} from './finished.ts';
import type {Json, JsonMap} from './json.ts';
import {readPartial, type Shortfall} from './partial.ts';

/** One dataset as the manifest records it. `flaw` says why the entry cannot be used; then the rest may be null. */
export type Dataset = {
  name: string;
  /** A PHP `hash_algos()` name as configured, case kept; null where the manifest names none: the configured one counts. */
  algorithm: string | null;
  /** Hex digits as recorded; null where PHP recorded `false`. */
  hash: string | null;
  /** Absolute path of the live file when the backup was made, on the machine where it was made. */
  source: string | null;
  /** Absolute path of the copy, on the machine where it was made. */
  backup: string | null;
  /** Permission bits of the source, where we recorded them. */
  mode?: number;
  /** Whose the source was (uid), where we recorded it. */
  owner?: number;
  /** What the type of the dataset recorded of it. */
  facts?: CopyFacts;
  flaw: string | null;
};

export type ManifestContent = {
  id: string | null;
  /** When the copies were done, as PHP's DATE_ATOM wrote it. */
  createdAt: string | null;
  label: string | null;
  /** When it was finished later, having been cut off; null where it was not. */
  finishedAt: string | null;
  /** Says only that a verification ran: PHP sets it after a mismatch too (FORMAT.md). */
  lastVerifiedAt: string | null;
  lastVerification: {at: string; result: string} | null;
  datasets: Dataset[];
  /** What it says itself that it does not hold as it should. */
  partial: Shortfall[];
  /** What directories of directory datasets were, by their keys, where we recorded it. */
  directories: Map<string, DirectoryRecord>;
};

const text = z.catch(z.nullable(z.string()), null);
const header = z.object({id: text, created_at: text});
const metadata = z.object({
  label: text,
  [finishedKey]: text,
  last_verified_at: text,
  last_verification: z.catch(z.nullable(z.object({at: z.string(), result: z.string()})), null),
});
/** PHP has one array type: a map may arrive as a list, its keys then being the positions. */
export function asMap(value: Json | undefined): JsonMap | null {
  if (value instanceof Map) return value;
  if (Array.isArray(value)) return new Map(value.map((item, index) => [String(index), item]));
  return null;
}

/** One that is not there is null, which the schemas take: to refuse one is dear. */
const fields = (map: JsonMap | null, names: string[]) =>
  Object.fromEntries(names.map((name) => [name, toPlain(map?.get(name) ?? null)]));

function toPlain(value: Json | undefined): unknown {
  if (value instanceof Map) {
    const plain: Record<string, unknown> = Object.create(null);
    for (const [key, item] of value) plain[key] = item instanceof Map ? null : item;
    return plain;
  }
  return value;
}

const isText = (value: Json | undefined): boolean => typeof value === 'string' && value !== '';

const entryIs = 'its entry in the manifest';
/** One text for all entries that lack the same. */
const flawsOf = (field: string) => ({
  field,
  none: `${entryIs} has no "${field}"`,
  unusable: `${entryIs} has an unusable "${field}"`,
});

/** What an entry has to have, in the order in which it is told. */
const needed: (ReturnType<typeof flawsOf> & {is: (value: Json | undefined) => boolean})[] = [
  {...flawsOf('algorithm'), is: (value) => value === undefined || value === null || isText(value)},
  {...flawsOf('hash'), is: (value) => typeof value === 'string' || value === false},
  // PHP verifies one without; where it belongs, the configuration says.
  {...flawsOf('source'), is: (value) => typeof value === 'string' || value === null},
  {...flawsOf('backup'), is: isText},
];

function flawOf(map: JsonMap | null): string | null {
  if (map === null) return `${entryIs} is not a map`;
  const lacks = needed.find(({field, is}) => !is(map.get(field)));
  if (!lacks) return null;
  return map.has(lacks.field) ? lacks.unusable : lacks.none;
}

const noFields: JsonMap = new Map();

/** By hand: to have all that is wrong with an entry described takes long, and a hostile manifest holds 100,000 of them. */
function readDataset(name: string, value: Json): Dataset {
  // A list has no field that is asked for, however long it is.
  const map = Array.isArray(value) ? noFields : asMap(value);
  const flaw = flawOf(map);
  const textAt = (key: string): string | null => {
    const found = map?.get(key);
    return typeof found === 'string' ? found : null;
  };
  const dataset: Dataset = {
    name,
    algorithm: textAt('algorithm'),
    hash: textAt('hash'),
    source: textAt('source'),
    backup: textAt('backup'),
    flaw,
  };
  if (flaw !== null) return dataset;
  const [mode] = /^[0-7]{4}$/.exec(textAt('mode') ?? '') ?? [];
  const [owner] = /^\d{1,10}:\d{1,10}$/.exec(textAt('owner') ?? '') ?? [];
  const facts = readFacts(map);
  return {
    ...dataset,
    // Set-id bits are nothing that a manifest may hand out.
    ...(mode !== undefined && {mode: Number.parseInt(mode, 8) & 0o777}),
    ...(owner !== undefined && {owner: Number.parseInt(owner, 10)}),
    ...(facts !== undefined && {facts}),
  };
}

function readDirectories(map: JsonMap | null): ManifestContent['directories'] {
  const entries = [...(map ?? [])].flatMap(([key, value]): [string, DirectoryRecord][] => {
    const record = typeof value === 'string' ? readDirectory(value) : null;
    return record ? [[key, record]] : [];
  });
  return new Map(entries);
}

/** What a parsed manifest says, or the reason why it is not one. */
export function readContent(value: Json): ManifestContent | {reason: string} {
  const top = asMap(value);
  if (!top) return {reason: 'manifest.json is not a map of fields, so it is not a manifest'};
  const datasets = top.get('datasets');
  if (datasets === undefined) {
    const husk = top.has('metadata') && top.size === 1;
    return {
      reason: husk
        ? "manifest.json is only a stub: PHP's verify replaced a manifest it could not read. The hashes are lost; the copies may be whole"
        : 'manifest.json lists no "datasets"',
    };
  }
  const map = asMap(datasets);
  if (!map) return {reason: 'manifest.json: "datasets" is not a map'};
  const about = asMap(top.get('metadata'));
  const meta = metadata.parse(fields(about, Object.keys(metadata.shape)));
  const head = header.parse(fields(top, Object.keys(header.shape)));
  return {
    id: head.id,
    createdAt: head.created_at,
    label: meta.label,
    finishedAt: meta[finishedKey],
    lastVerifiedAt: meta.last_verified_at,
    lastVerification: meta.last_verification,
    datasets: [...map].map(([name, item]) => readDataset(name, item)),
    partial: readPartial(about),
    directories: readDirectories(asMap(about?.get('directories'))),
  };
}

/** Why a dataset cannot be judged whose manifest names no algorithm. */
export const noAlgorithm = 'the manifest names no algorithm, and no configuration says which one counts';
