import {code, firstFew, list, paragraph, table} from '../markdown.ts';
import type {EvidenceChoice, EvidenceRecord} from '../schema.ts';
import {measured, unknown} from './loss.ts';
import {moment, rowsOf, verificationText} from './words.ts';

type Candidate = EvidenceChoice['candidates'][number];

/** Nothing that is known speaks against it. */
export const isUnexplained = ({state, same}: Candidate): boolean => state === 'unaltered' && !same;

const states = new Map([
  ['unaltered', 'unaltered'],
  ['unchecked', 'not verified'],
  ['stale', 'verified before, and not since'],
]);

function stateText({state, reason, same}: Candidate): string {
  const why = reason === null ? '' : `: ${code(reason)}`;
  return `${states.get(state) ?? code(state)}${why}${same ? '; the same bytes as the chosen one' : ''}`;
}

const knownText = ({known}: Candidate): string =>
  known === null ? unknown : `${known.result === 'failed' ? '**failed**' : 'passed'}, ${moment(known.at)}`;

/** Why none of the newer copies was taken, as far as that is recorded, and what was verified meanwhile. */
export function* choiceSection({choice, session, backups: [backup]}: EvidenceRecord): Iterable<string> {
  const isUndo = session !== null && session.undoes !== null;
  if (backup)
    yield* paragraph(
      `The chosen copy: ${isUndo ? 'safety backup' : 'backup'} ${code(backup.id)}, begun ${moment(backup.time)} ${measured}.`,
    );
  if (!choice) return yield* paragraph(`Newer copies, and why they were passed over: ${unknown}.`);
  const {until, candidates, more_candidates: more, from, verifications, more_verifications: others} = choice;
  const end = session?.times.bad_since
    ? 'when things went bad'
    : 'the opening of the session, as nobody said when things went bad';
  const all = candidates.length + more;
  yield* paragraph(`All of this is ${measured}, from what lies beside the backups.`);
  yield* paragraph(
    `Copies of the restored datasets that are newer than the chosen one, and from before ${moment(until)} (${end}): ${all === 0 ? 'none' : all}. What was known when it was chosen is what a verification before that had said.`,
  );
  // Those that nothing speaks against are to be seen, of however many.
  const shown = [...candidates.filter(isUnexplained), ...candidates.filter((each) => !isUnexplained(each))];
  if (all > 0)
    yield* table(
      ['Backup', 'Dataset', 'When it was chosen', 'When this was exported'],
      shown
        .slice(0, rowsOf(all))
        .map((each) => [
          code(each.id),
          each.dataset === null ? 'no manifest' : code(each.dataset),
          knownText(each),
          stateText(each),
        ]),
    );
  const unseen = all - rowsOf(all);
  if (unseen > 0) yield* paragraph(`Then ${unseen} more; ${more} of them are not in the record.`);
  const open = candidates.filter(isUnexplained).length;
  if (open > 0)
    yield* paragraph(
      `Nothing is known against ${open} of them. Why ${open === 1 ? 'it was' : 'they were'} passed over is ${unknown}.`,
    );
  yield* paragraph(`Verifications of any backup since ${moment(from)}, failed ones first:`);
  yield* list(
    firstFew(
      verifications.map(({id, ...each}) => `${code(id)}: ${verificationText(each)}`),
      rowsOf(verifications.length),
    ),
    'None is recorded.',
  );
  if (others > 0) yield* paragraph(`${others} more are not in the record.`);
}
