import {escapeText} from '../../../engine/base/escape.ts';
import type {DatasetResult} from '../../../engine/storage/dataset.ts';
import type {Manifest} from '../../../engine/storage/manifest/read.ts';
import {wrap} from '../../../presenters/graphemes.ts';
import type {FilterAction} from '../../filter.ts';
import {clampText, type Move, move, moveText, type Scroll, settle} from '../../kit/scroll.ts';
import {manifestLayout, rawWidth, type Size, textHeight} from '../../layout.ts';
import {type AppState, slice} from '../../state.ts';

export type ManifestState = Scroll & {
  id: string;
  /** What was read when it was opened; null with the reason where it cannot be shown. */
  manifest: Manifest | null;
  reason: string | null;
  /** The file's text, escaped, in lines of the file. */
  text: string[];
  /** The same in lines of the screen. */
  raw: string[];
  view: 'table' | 'raw';
  rawTop: number;
  /** What is looked for, while it is typed. */
  find?: string | null;
  /** Of a verification in this session. */
  results: ReadonlyMap<string, DatasetResult>;
};

export type ManifestAction =
  | {type: 'manifest opened'; manifest: ManifestState}
  | {type: 'manifest reread'; manifest: ManifestState}
  | {type: 'manifest view switched'}
  | {type: 'found next'}
  | FilterAction;

/** To the first line, or dataset, that holds the text, from here on, then from the beginning. */
function found(opened: ManifestState, find: string, after: number, size: Size): ManifestState {
  const {view, raw, rawTop, manifest, cursor} = opened;
  const texts = view === 'raw' ? raw : (manifest?.datasets.map(({name}) => name) ?? []);
  const here = (view === 'raw' ? rawTop : cursor) + after;
  const wanted = find.toLowerCase();
  const holds = (text: string, index: number): boolean =>
    index >= here && text.toLowerCase().includes(wanted);
  const next = texts.findIndex(holds);
  const at = next === -1 ? texts.findIndex((text) => text.toLowerCase().includes(wanted)) : next;
  if (at === -1 || find === '') return {...opened, find};
  return view === 'raw'
    ? {...opened, find, rawTop: clampText(at, raw.length, textHeight(size))}
    : {...opened, find, ...settle({cursor: at, top: opened.top}, texts.length, manifestLayout(size).list)};
}

/** What is on the screen was rewritten or deleted meanwhile: shown as it is now, from where one was. */
function reread(opened: ManifestState, fresh: ManifestState, size: Size): ManifestState {
  if (opened.id !== fresh.id) return opened;
  const {view, rawTop, results, find = null} = opened;
  const position = settle(opened, fresh.manifest?.datasets.length ?? 0, manifestLayout(size).list);
  const top = clampText(rawTop, fresh.raw.length, textHeight(size));
  return {...fresh, ...position, view, rawTop: top, results, find};
}

/** Null before one was opened. */
export const manifestSlice = slice<ManifestState | null, ManifestAction>('manifest', {
  start: null,
  reduce(opened, action, {size}) {
    if (action.type === 'manifest opened') return action.manifest;
    if (!opened) return null;
    switch (action.type) {
      case 'manifest reread':
        return reread(opened, action.manifest, size);
      case 'manifest view switched':
        return {...opened, view: opened.view === 'table' ? 'raw' : 'table'};
      case 'filter opened':
        return {...opened, find: ''};
      case 'filter written':
        return found(opened, action.text, 0, size);
      case 'found next':
        return found(opened, opened.find ?? '', 1, size);
      case 'filter kept':
      case 'filter cleared':
        return {...opened, find: null};
    }
  },
});

/** A dataset whose verification is finished is so here too. */
export function followResults(
  opened: ManifestState | null,
  {verify}: AppState,
  before: AppState | null,
): ManifestState | null {
  if (!opened || verify === before?.verify || verify?.id !== opened.id) return opened;
  const {results} = opened;
  const fresh = (verify.progress.backups[0]?.[0]?.datasets ?? [])
    .flat()
    .flatMap(({name, result}) => (result && results.get(name) !== result ? [[name, result] as const] : []));
  return fresh.length > 0 ? {...opened, results: new Map([...results, ...fresh])} : opened;
}

export const moveManifest = (opened: ManifestState, how: Move, size: Size): ManifestState =>
  opened.view === 'table'
    ? {...opened, ...move(opened, how, opened.manifest?.datasets.length ?? 0, manifestLayout(size).list)}
    : {...opened, rawTop: moveText(opened.rawTop, how, opened.raw.length, textHeight(size))};

export function fitManifest(opened: ManifestState, size: Size): ManifestState {
  const raw = wrap(opened.text, rawWidth(size));
  const position = settle(opened, opened.manifest?.datasets.length ?? 0, manifestLayout(size).list);
  return {...opened, ...position, raw, rawTop: clampText(opened.rawTop, raw.length, textHeight(size))};
}

/** Text as lines for the screen, escaped; tabs become spaces. */
export const rawLines = (text: string): string[] =>
  text.split(/\r?\n/).map((line) => escapeText(line.replaceAll('\t', '    ')));
