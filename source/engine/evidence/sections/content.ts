import {code, fence, list, notRecorded, paragraph, textLines} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession} from '../schema.ts';
import {measured, unknown} from './loss.ts';
import {duration, moment} from './words.ts';

/** What the site's own commands said, verbatim. */
function* commandsPart({commands}: EvidenceSession): Iterable<string> {
  if (commands.length === 0)
    return yield* paragraph(
      'No hook and no check of the application was run: nothing here says that it works.',
    );
  yield* paragraph(`Hooks and checks of the application ${measured}:`);
  for (const {at, what, command, exit, seconds, reason, output} of commands) {
    const ran = command.length === 0 ? notRecorded : command.map(code).join(' ');
    const why = reason === null ? '' : `; why it failed: ${code(reason)}`;
    const end = `exit code ${exit ?? notRecorded}, ${moment(at)}, took ${duration(seconds)}${why}`;
    yield* list(
      [`${code(what)} ${ran}: ${end}; ${output === '' ? 'no output' : 'output, as far as it was kept:'}`],
      '',
    );
    if (output !== '') yield* fence(textLines(output));
  }
}

/** What is inside, before and after, and what the site's own checks said. */
export function* contentSection({session}: EvidenceRecord): Iterable<string> {
  if (!session) return yield* paragraph(`Content: ${unknown}.`);
  yield* paragraph(`Rows and entries before and after: ${unknown}.`);
  yield* commandsPart(session);
}
