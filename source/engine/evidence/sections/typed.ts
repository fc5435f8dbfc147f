import {isLine, said} from '../../session/lines.ts';
import {code} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';
import {unknown} from './loss.ts';
import {moment} from './words.ts';

/** What a person has said of an incident, by its name in the session's record. */
export type Typed = 'badSince' | 'noticed' | 'declared' | 'service-back' | 'authorisedBy';

type Saying = {by: string; person?: string | null | undefined; at: string; typed?: string | undefined};

/** Who said a word, and when; who exported it, where the session's record does not have it. */
function sayingOf({session, exported}: EvidenceRecord, what: Typed): Saying {
  const lines = session?.lines ?? [];
  const time = lines.filter(isLine('time')).findLast((line) => said(line, 'what') === what);
  if (time) {
    const by = said(time, 'by');
    // What was said in the session itself has its person below "Trail", as it always had.
    return {
      by: by ?? time.operator,
      at: said(time, 'said') ?? time.at,
      person: by === undefined ? null : said(time, 'person'),
    };
  }
  const opened = lines.find(isLine('opened'));
  const word = ['noticed', 'declared', 'service-back'].includes(what) ? null : opened?.data[what];
  if (opened && typeof word === 'string')
    return said(opened, 'said')?.[what] ?? {by: opened.operator, at: opened.at};
  return {by: exported.who.login, at: exported.at};
}

/**
 * ``[typed by `amira`, 2026-11-23 22:17:05Z]`` of what somebody has said; of what nobody has, that it is not recorded.
 * @param more stands behind it: `, not verified`
 */
export function typedBy(record: EvidenceRecord, what: Typed, isSaid: boolean, more = ''): string {
  if (!isSaid) return unknown;
  const {by, person, at, typed} = sayingOf(record, what);
  return `[typed by ${code(by)}${person ? ` (${code(person)})` : ''}, ${moment(at)}${typed === undefined ? '' : `, as ${code(typed)}`}${more}]`;
}

/** Who authorised it, as it was said, and who said so. */
export const authorisedText = (record: EvidenceRecord, more = ''): string =>
  record.authorised === null
    ? unknown
    : `${code(record.authorised)} ${typedBy(record, 'authorisedBy', true, more)}`;
