import type {FinishEvent} from '../../../engine/backup/finish.ts';
import type {ContentEvent} from '../../../engine/content/check.ts';
import {type ContentProgress, reduceContent} from '../../../presenters/content-progress.ts';
import {type Move, move, type Scroll, settle} from '../../kit/scroll.ts';
import {filesLayout, type Size} from '../../layout.ts';
import {slice} from '../../state.ts';

/** A file that lies in a backup without a manifest. */
export type Lying = {name: string; path: string; bytes: number; mtimeMs: number};

/** What lies in a backup that was cut off before its end. */
export type FilesState = Scroll & {
  id: string;
  /** Whether `files` is known by now. */
  isListed: boolean;
  files: Lying[];
  /** What is found in them; null before that is asked. */
  content: ContentProgress | null;
  problem: string | null;
  /** How far it is being made a backup; null where it is not. */
  finishing: Finishing | null;
};

/** A dataset that is looked into, then the bytes that are hashed. */
export type Finishing = {looking: string | null; bytesDone: number; totalBytes: number};

export type FilesAction =
  | {type: 'files opened'; id: string}
  | {type: 'files listed'; files: Lying[]}
  | {type: 'files looked into'; event: ContentEvent}
  | {type: 'files failed'; problem: string}
  | {type: 'finish began'}
  | {type: 'finish event'; event: FinishEvent}
  | {type: 'finish ended'};

function reduceFiles(files: FilesState | null, action: FilesAction): FilesState | null {
  if (action.type === 'files opened')
    return {
      id: action.id,
      isListed: false,
      files: [],
      content: null,
      problem: null,
      finishing: null,
      cursor: 0,
      top: 0,
    };
  if (!files) return null;
  switch (action.type) {
    case 'files listed':
      return {...files, isListed: true, files: action.files};
    case 'files looked into':
      return {...files, content: reduceContent(files.content, action.event)};
    case 'files failed':
      return {...files, problem: action.problem};
    case 'finish began':
      return {...files, finishing: {looking: null, bytesDone: 0, totalBytes: 0}};
    case 'finish event':
      return {...files, finishing: files.finishing && reduceFinishing(files.finishing, action.event)};
    case 'finish ended':
      return {...files, finishing: null};
  }
}

function reduceFinishing(finishing: Finishing, event: FinishEvent): Finishing {
  if (event.type === 'content checking') return {...finishing, looking: event.name};
  if (event.type !== 'progress') return finishing;
  const {bytesDone, totalBytes} = event;
  return {looking: null, bytesDone, totalBytes};
}

/** Null before the first time. */
export const filesSlice = slice<FilesState | null, FilesAction>('files', {start: null, reduce: reduceFiles});

export const moveFiles = (files: FilesState, how: Move, size: Size): FilesState => ({
  ...files,
  ...move(files, how, files.files.length, filesLayout(size).list),
});

export const fitFiles = (files: FilesState, size: Size): FilesState => ({
  ...files,
  ...settle(files, files.files.length, filesLayout(size).list),
});
