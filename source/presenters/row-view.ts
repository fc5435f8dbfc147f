import {formatAge} from '../engine/base/format.ts';
import {missingCopy, type Row} from '../engine/catalog/row.ts';

/** What a line means, never by colour alone: the mark says it too (SCREENS.md). */
export type Tone = 'good' | 'bad' | 'beware' | 'unknown' | 'none';
export type Judgement = {mark: '+' | 'x' | '!' | '?' | '-'; text: string; tone: Tone};

const judgement = (mark: Judgement['mark'], text: string, tone: Tone): Judgement => ({mark, text, tone});

const ago = (at: string | null, now: number): string => {
  const age = at === null ? Number.NaN : (now - Date.parse(at)) / 1000;
  if (Number.isNaN(age)) return 'at an unknown time';
  return age < 60 ? 'just now' : `${formatAge(age)} ago`;
};

/** Names that a column takes. */
const mostNamed = 3;

/** The VERIFIED column: one of verified, failed, stale, unknown, never; or why there is nothing to verify. */
export function judgeRow(row: Row, now: number, configured: string[] | null = null): Judgement {
  if (row.state === 'interrupted') return judgement('x', 'interrupted', 'bad');
  if (row.state === 'unreadable') return judgement('x', 'unreadable', 'bad');
  if (row.datasets.length === 0) return judgement('x', 'holds nothing', 'bad');
  const {state, at, failed} = row.verification;
  const flawed = row.datasets.filter((dataset) => dataset.flaw).map((dataset) => dataset.name);
  if (state === 'failed')
    return judgement('x', failed.length > 0 ? `failed: ${failed.join(' ')}` : 'failed', 'bad');
  if (flawed.length > 0) {
    const missing = row.datasets.every(({flaw}) => flaw === null || flaw === missingCopy);
    return judgement('x', `${missing ? 'no' : 'unusable:'} ${flawed.join(' ')}`, 'bad');
  }
  const [broken, ...others] = row.brokenInside;
  if (broken && state !== 'unknown')
    return judgement(
      '!',
      `${others.length > 0 ? row.brokenInside.length : broken.name} broken inside`,
      'beware',
    );
  const lacking = lacks(row, configured);
  if (lacking.length > 0 && (state === 'verified' || state === 'never')) {
    return judgement('!', `no ${lacking.join(' ')}`, 'beware');
  }
  if (row.partial.length > 0 && !row.verification.changed) {
    const names = [...new Set(row.partial.map(({dataset}) => dataset.split('/')[0]))];
    const said = names.length <= mostNamed ? names.join(' ') : `${names.length} datasets`;
    return judgement('!', `partial: ${said}`, 'beware');
  }
  if (row.hiddenFromPhp && (state === 'verified' || state === 'never')) {
    return judgement('!', row.hiddenFromPhp, 'beware');
  }
  switch (state) {
    case 'verified':
      return judgement('+', ago(at, now), 'good');
    case 'stale':
      return judgement(
        '!',
        row.verification.changed ? 'changed since it passed' : `passed ${ago(at, now)}`,
        'beware',
      );
    case 'unknown':
      return judgement('?', 'result unknown', 'unknown');
    case 'never':
      return judgement('-', 'never', 'none');
  }
}

/** The datasets that are configured now and not in a backup. One of type directory has an entry for each file. */
export function lacks(row: Row, configured: string[] | null): string[] {
  if (row.state !== 'complete' || !configured) return [];
  return configured.filter(
    (name) => !row.datasets.some((dataset) => dataset.name === name || dataset.name.startsWith(`${name}/`)),
  );
}

/** Usable copies of how many datasets, `3/4`: of those configured now where that is known, else of its own. */
export function dataColumn(row: Row, configured: string[] | null = null): string {
  if (row.state !== 'complete') return '?';
  if (configured) {
    const missing = lacks(row, configured);
    const flawed = row.datasets.filter((dataset) => dataset.flaw).map((dataset) => dataset.name);
    const usable = configured.filter(
      (name) =>
        !missing.includes(name) && !flawed.some((each) => each === name || each.startsWith(`${name}/`)),
    );
    return `${usable.length}/${configured.length}`;
  }
  return `${row.datasets.filter((dataset) => !dataset.flaw).length}/${row.datasets.length}`;
}

/** Seconds that the screen's time may be behind: it is the last full minute. */
const behind = 90;

export function ageColumn(row: Row, now: number): string {
  if (row.time === null) return '?';
  const age = now / 1000 - row.time;
  return formatAge(age < 0 && age > -behind ? 0 : age);
}
