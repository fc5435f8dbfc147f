import {formatAge, formatDuration} from '../engine/base/format.ts';
import type {DatasetPlan} from '../engine/restore/by-dataset.ts';
import {moment} from './moment.ts';

/** Seconds from which on nobody counts minutes. */
const long = 48 * 3600;

function lasting({period}: DatasetPlan): string | null {
  if (!period) return null;
  const seconds = (period.to - period.from) / 1000;
  return seconds < long ? formatDuration(seconds) : formatAge(seconds);
}

/** What is lost of a dataset, in a few words; `-` for nothing. */
export function lossWord(set: DatasetPlan): string {
  if (!set.loses) return '-';
  const time = lasting(set);
  return time === null ? 'what it holds' : `${time} of changes`;
}

/** The same in a sentence; null where nothing is lost. */
export function lossSentence(set: DatasetPlan, now: number): string | null {
  const {dataset, loses, period, changed, files} = set;
  if (!loses) return null;
  const of = files > 1 ? `${dataset}, ${changed} of ${files} files` : dataset;
  return period === null
    ? `${of}: what the live ${files > 1 ? 'files hold' : 'file holds'} instead`
    : `${of}: changes between ${moment(period.from, now)} and ${moment(period.to, now)} (${lasting(set)})`;
}
