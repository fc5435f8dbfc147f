import {escapeText} from '../../../engine/base/escape.ts';
import type {DatasetResult} from '../../../engine/storage/dataset.ts';
import type {Manifest} from '../../../engine/storage/manifest/read.ts';
import {type Move, move, moveText, type Scroll} from '../../kit/scroll.ts';

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
  /** Of a verification in this session. */
  results: ReadonlyMap<string, DatasetResult>;
};

export const moveInTable = (state: ManifestState, how: Move, height: number): ManifestState => ({
  ...state,
  ...move(state, how, state.manifest?.datasets.length ?? 0, height),
});

export const moveInRaw = (state: ManifestState, how: Move, lines: number, height: number): ManifestState => ({
  ...state,
  rawTop: moveText(state.rawTop, how, lines, height),
});

/** Text as lines for the screen, escaped; tabs become spaces. */
export const rawLines = (text: string): string[] =>
  text.split(/\r?\n/).map((line) => escapeText(line.replaceAll('\t', '    ')));
