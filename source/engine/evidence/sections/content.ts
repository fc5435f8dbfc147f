import {code, fence, firstFew, list, notRecorded, paragraph, table, textLines} from '../markdown.ts';
import {countedOf} from '../replaced-databases.ts';
import type {EvidenceContent, EvidenceRecord, EvidenceSession} from '../schema.ts';
import {computed, measured, unknown} from './loss.ts';
import {duration, moment, rowsOf} from './words.ts';

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

type Table = EvidenceContent['tables'][number];

const some = (count: number | null): string => (count === null ? '-' : String(count));

function contentRow(dataset: string, of: EvidenceContent['of'], each: Table): string[] {
  const what = `${code(dataset)}${each.name === '' ? '' : ` ${code(each.name)}`}, ${of ?? 'content'}`;
  const {before, after, only_before, only_after, differ} = each;
  return [what, ...[before, after, only_before, only_after, differ].map(some)];
}

/** What was inside the files that gave way, and what is in those that took their place. */
function* countsPart(
  content: EvidenceContent[] | undefined,
  databases: ReadonlySet<string>,
  many: number,
): Iterable<string> {
  if (!content || content.length === 0)
    return yield* paragraph(`Rows and entries before and after: ${unknown}.`);
  yield* paragraph(
    `Counted when this was exported, in the safety backup's file (before) and in the copy that took its place, whose hash was live at the switch (after) ${measured}:`,
  );
  if (content.some(({dataset, reason}) => reason === null && databases.has(dataset)))
    yield* paragraph(
      `Rows of a database: before, as they were counted when the safety backup was made of it; after, as they were counted in what was loaded, right before the switch ${measured}.`,
    );
  const rows = content.flatMap(({dataset, of, tables}) =>
    tables.map((each) => contentRow(dataset, of, each)),
  );
  // Where many datasets were restored, only the first of them are counted.
  const most = many > 20 ? 3 : rowsOf(rows.length);
  if (rows.length > 0)
    yield* table(['Of', 'Before', 'After', 'Only before', 'Only after', 'Differ'], rows.slice(0, most));
  const unseen = rows.length - most;
  if (unseen > 0) yield* paragraph(`Then ${unseen} more, in the record.`);
  const notes = content.flatMap(({dataset, of, tables, whole, reason}) => {
    if (reason !== null) return [`${code(dataset)}: ${unknown}; ${code(reason)}`];
    if (databases.has(dataset))
      return [`${code(dataset)}: rows were counted, what stands in them was not compared ${computed}`];
    if (!whole) return [`${code(dataset)}: not all of it was compared ${computed}`];
    return tables.length === 0 ? [`${code(dataset)}: no difference in ${of ?? 'content'} ${measured}`] : [];
  });
  if (notes.length > 0) yield* list(firstFew(notes, rowsOf(notes.length)), '');
}

/** What is inside, before and after, and what the site's own checks said. */
export function* contentSection({session, content}: EvidenceRecord): Iterable<string> {
  if (!session) return yield* paragraph(`Content: ${unknown}.`);
  yield* countsPart(
    content,
    new Set(countedOf(session).map(({dataset}) => dataset)),
    session.restored.length,
  );
  yield* commandsPart(session);
}
