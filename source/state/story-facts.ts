import type {Story} from '../engine/session/story.ts';

/** How many files a session replaced; null where its record does not say. */
export function filesOf({lines}: Story): number | null {
  const files = lines.findLast(({type}) => type === 'prepare')?.data['files'];
  return Array.isArray(files) ? files.length : null;
}

/** Names of the datasets that it switched; none where its record does not say. */
export function datasetsOf({lines}: Story): string[] {
  const live = lines.findLast(({type}) => type === 'switched')?.data['live'];
  const names = Array.isArray(live) ? live.map((each: {dataset?: unknown}) => String(each?.dataset)) : [];
  return [...new Set(names)];
}

/** How long it took; null where its record does not say. */
export function secondsOf({openedAt, endedAt}: Story): number | null {
  const seconds = (Date.parse(endedAt ?? '') - Date.parse(openedAt ?? '')) / 1000;
  return Number.isNaN(seconds) ? null : seconds;
}

/** What is to be known although it is done. */
export function beware({lines, broken}: Story): string[] {
  const said = lines.findLast(({type}) => type === 'finished')?.data['beware'];
  return [
    ...(broken === null ? [] : [`the record of this session cannot be relied on: ${broken}`]),
    ...(Array.isArray(said) ? said.map(String) : []),
  ];
}
