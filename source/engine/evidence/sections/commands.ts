import {code, fact, fence, linesOf, notRecorded, paragraph} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';
import {amount, duration, moment} from './words.ts';

/** What the site's own commands said, verbatim. */
export function commandsSection({session}: EvidenceRecord): string[] {
  if (!session) return paragraph(`Commands: ${notRecorded}.`);
  if (session.commands.length === 0)
    return paragraph('No hook and no check of the application was run: nothing here says that it works.');
  return session.commands.flatMap(({at, what, command, exit, seconds, reason, output}) => [
    ...fact('Kind', code(what)),
    ...fact('Command', command.length === 0 ? notRecorded : command.map(code).join(' ')),
    ...fact('When', `${moment(at)}, took ${duration(seconds)}`),
    ...fact('Exit code', amount(exit)),
    ...(reason === null ? [] : fact('Why it failed', code(reason))),
    ...fact('Output', output === '' ? 'none' : 'as far as it was kept:'),
    '',
    ...(output === '' ? [] : [...fence(linesOf(output)), '']),
  ]);
}
