import * as z from 'zod/mini';
import type {Directory} from '../base/directory.ts';
import {asciiJson} from '../base/escape.ts';
import {readSmallFile, stampOf} from '../base/files.ts';
import {parseAs} from '../base/parse-as.ts';
import {phpDate} from '../base/php-date.ts';
import {type ContentKind, type Finding, kindByName} from './content.ts';
import {appendLines, cutLines} from './runbook/kept-lines.ts';
import {findState, onceOpened, stateName} from './runbook/state-directory.ts';

/**
 * What content checks found, in our own state: a line for each content, by the hash that manifests record, and for what
 * was asked of it: an empty file is fine, one that is called JSON is broken.
 */
export const verdictsName = 'content.jsonl';

const verdictSchema = z.object({
  version: z.literal(2),
  /** UTC, DATE_ATOM. */
  at: z.string(),
  /** `algorithm:hash` in lower case: the same bytes are as sound wherever they lie. */
  content: z.string(),
  /** What the copy's name says that it is; `any` where it says nothing. */
  asked: z.enum(['json', 'sqlite', 'dump', 'any']),
  kind: z.enum(['json', 'sqlite', 'dump']),
  state: z.enum(['sound', 'broken']),
  check: z.nullable(z.string()),
  detail: z.nullable(z.string()),
});

type Verdict = z.infer<typeof verdictSchema>;
type Asked = Pick<Verdict, 'content' | 'asked'>;

/** @param copy the copy's name, or its path */
export const askedOf = (content: string, copy: string): Asked => ({
  content,
  asked: kindByName(copy) ?? 'any',
});

const keyOf = ({content, asked}: Asked): string => `${asked} ${content}`;

/** By content and what was asked of it; the newest counts. */
export type Verdicts = ReadonlyMap<string, Verdict>;

export const noVerdicts: Verdicts = new Map();

/** Bytes that are read, and above which older lines go. */
const largest = 8 * 1024 * 1024;
const worthCutting = 2 * 1024 * 1024;
const mostKept = 4000;

/** The path of a root's own state; null where there is no root. */
export const statePath = (root: string | null): string | null =>
  root === null ? null : `${root}/${stateName}`;

/** @param state the state directory's path; lines that are not ours are passed over */
export function readVerdicts(state: string | null): Verdicts {
  const read = state === null ? null : readSmallFile(`${state}/${verdictsName}`, largest);
  if (!read || !('data' in read)) return noVerdicts;
  const verdicts = new Map<string, Verdict>();
  for (const line of read.data.toString('utf8').split('\n')) {
    const verdict = parseAs(verdictSchema, line);
    if (!verdict) continue;
    verdicts.delete(keyOf(verdict));
    verdicts.set(keyOf(verdict), verdict);
  }
  return verdicts;
}

/** Changes whenever the file does; for what reads it again and again. */
export const verdictsStamp = (state: string | null): string =>
  state === null ? '-' : stampOf(`${state}/${verdictsName}`);

/** A copy, as a verdict is looked up for it. */
type Asking = {name: string; content: string | null; copy: string | null};

const newestFor = ({content, copy}: Asking, verdicts: Verdicts): Verdict | undefined =>
  content === null || copy === null ? undefined : verdicts.get(keyOf(askedOf(content, copy)));

/** Those of these that the newest check found to be so. */
const foundOf = (
  datasets: Asking[],
  verdicts: Verdicts,
  state: Verdict['state'],
): (Verdict & {name: string})[] =>
  verdicts.size === 0
    ? []
    : datasets.flatMap((each) => {
        const verdict = newestFor(each, verdicts);
        return verdict?.state === state ? [{...verdict, name: each.name}] : [];
      });

/** Which of these the newest check found broken. */
export const brokenOf = (datasets: Asking[], verdicts: Verdicts): {name: string; detail: string}[] =>
  foundOf(datasets, verdicts, 'broken').map((each) => ({name: each.name, detail: saidBy(each)}));

/** Which of these the newest check found sound, and as what. */
export const soundOf = (datasets: Asking[], verdicts: Verdicts): {name: string; kind: ContentKind}[] =>
  foundOf(datasets, verdicts, 'sound').map(({name, kind}) => ({name, kind}));

/** Who says it. */
export const saidBy = ({kind, detail}: Pick<Finding, 'kind' | 'detail'>): string =>
  kind === 'sqlite' || kind === 'dump'
    ? `${kind === 'sqlite' ? 'SQLite' : 'pg_restore'} says: ${detail ?? 'it is not sound'}`
    : `no JSON: ${detail ?? 'it does not parse'}`;

type Found = (Asked & {finding: Finding})[];

/** What was found where there is no state directory, by root, until one is made. */
const inMemory = new Map<string, Found>();

/**
 * Keeps what a check found; where there is no state directory, once this process makes one. What is known already is not
 * written again.
 * @throws the system call's error where it cannot be written
 */
export function keepVerdicts(root: string, found: Found): void {
  using state = findState(root);
  const all = [...(inMemory.get(root) ?? []), ...found];
  if (state) writeVerdicts(root, state, all);
  else {
    inMemory.set(root, all.slice(-mostKept));
    onceOpened(root, (made) => writeVerdicts(root, made, inMemory.get(root) ?? []));
  }
}

function writeVerdicts(root: string, state: Directory, found: Found): void {
  const known = readVerdicts(state.path);
  const lines = found.flatMap(({content, asked, finding: {kind, state: is, check, detail}}) => {
    const before = known.get(keyOf({content, asked}));
    if (
      kind === null ||
      is === 'not checked' ||
      (before?.state === is && before.detail === detail && before.check === check)
    )
      return [];
    const at = phpDate(new Date());
    return [asciiJson({version: 2, at, content, asked, kind, state: is, check, detail} satisfies Verdict)];
  });
  if (lines.length > 0) appendLines(state, verdictsName, lines.slice(-mostKept), modeIn(state));
  inMemory.delete(root);
}

const modeIn = (state: Directory): number => (state.stats.mode & 0o644) | 0o600;

/** Lets older lines go. To be called with the lock held. @throws the system call's error */
export const cutVerdicts = (state: Directory): void =>
  cutLines(state, verdictsName, {
    above: worthCutting,
    inShort: () =>
      [...readVerdicts(state.path).values()].slice(-mostKept).map((verdict) => asciiJson(verdict)),
    mode: modeIn(state),
  });
