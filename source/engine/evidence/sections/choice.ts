import {listed} from '../../base/format.ts';
import {notKnownOf} from '../../storage/manifest/finished.ts';
import {code, firstFew, list, paragraph, table} from '../markdown.ts';
import type {EvidenceBackup, EvidenceChoice, EvidenceRecord, EvidenceSession} from '../schema.ts';
import {measured, unknown} from './loss.ts';
import {moment, rowsOf, verificationText} from './words.ts';

type Candidate = EvidenceChoice['candidates'][number];

/** Nothing that is known speaks against it. */
const isUnexplained = ({state, same}: Candidate): boolean => state === 'unaltered' && !same;

const states = new Map([
  ['damaged', 'damaged'],
  ['flawed', 'unaltered, but not whole'],
  ['unaltered', 'unaltered'],
  ['unchecked', 'not verified'],
  ['stale', 'verified before, and not since'],
]);

const stateOf = ({state}: Candidate): string => states.get(state) ?? code(state);

function stateText(each: Candidate): string {
  const {reason, same} = each;
  const why = reason === null ? '' : `: ${code(reason)}`;
  return `${stateOf(each)}${why}${same ? '; the same bytes as the chosen one' : ''}`;
}

/** Those that nothing speaks against first: they are not to be missed, however many there are. */
const unexplainedFirst = (all: Candidate[]): Candidate[] =>
  all.toSorted((a, b) => Number(isUnexplained(b)) - Number(isUnexplained(a)));

/** Backups that the summary names of each kind. */
const mostPassed = 3;

/** Each backup, with what speaks against it. */
function passedBackups(all: Candidate[], against: (each: Candidate) => string | null): string {
  const byId = [...Map.groupBy(all, ({id}) => id)];
  const shown = byId.slice(0, mostPassed).map(([id, of]) => {
    const why = [...Map.groupBy(of, against)].flatMap(([text, each]) => {
      if (text === null) return [];
      const names = each.flatMap(({dataset}) => (dataset === null ? [] : [code(dataset)]));
      const which = names.length > mostPassed ? `${names.length} datasets` : names.join(', ');
      return [`${which} ${text}`.trim()];
    });
    return `${code(id)}${why.length === 0 ? '' : ` (${why.join('; ')})`}`;
  });
  return listed(shown, mostPassed, byId.length);
}

/** Whether anybody said when things went bad: else it is the opening of the session that parts newer copies. */
const hasBad = (session: EvidenceSession | null): boolean => (session?.times.bad_since ?? null) !== null;

/** Which newer backups were not taken, and why: those from before the incident, then those from after it. */
export function passedText({choice, session}: EvidenceRecord): string {
  if (!choice) return `newer copies: ${unknown}`;
  const {until, candidates, more_candidates: more, later = [], more_later: others = 0} = choice;
  // When things went bad stands before it.
  const end = hasBad(session) ? 'that' : 'the session was opened';
  const reason = (each: Candidate): string =>
    each.same ? 'the same bytes' : isUnexplained(each) ? '**nothing is known against it**' : stateText(each);
  const told =
    candidates.length === 0
      ? `there is no newer copy from before ${end}, ${moment(until)}`
      : `passed over: ${passedBackups(unexplainedFirst(candidates), reason)}${more > 0 ? ` and ${more} more copies` : ''}`;
  if (later.length === 0) return `${told} ${measured}`;
  // That it is from after that is reason enough.
  const found = (each: Candidate): string | null => (each.reason === null ? null : stateOf(each));
  return `${told}; from after ${end}: ${passedBackups(later, found)}${others > 0 ? ` and ${others} more copies` : ''} ${measured}`;
}

/** What the hashes of a backup that was finished later prove; null for every other one. */
export const finishedText = (backup: EvidenceBackup | undefined): string | null =>
  backup?.finished === undefined
    ? null
    : `manifest written ${moment(backup.finished)} after it had been cut off, as its manifest says: its hashes are of that time, and prove nothing of the time before; ${notKnownOf}`;

const knownText = ({known}: Candidate): string =>
  known === null ? unknown : `${known.result === 'failed' ? '**failed**' : 'passed'}, ${moment(known.at)}`;

/** Why none of the newer copies was taken, as far as that is recorded, and what was verified meanwhile. */
export function* choiceSection({choice, session, backups: [backup]}: EvidenceRecord): Iterable<string> {
  const isUndo = session !== null && session.undoes !== null;
  if (backup)
    yield* paragraph(
      `The chosen copy: ${isUndo ? 'safety backup' : 'backup'} ${code(backup.id)}, begun ${moment(backup.time)} ${measured}.`,
    );
  const finished = finishedText(backup);
  if (finished !== null) yield* paragraph(`The chosen copy: ${finished}.`);
  if (!choice) return yield* paragraph(`Newer copies, and why they were passed over: ${unknown}.`);
  const {until, candidates, more_candidates: more, from, verifications, more_verifications: others} = choice;
  const end = hasBad(session)
    ? 'when things went bad'
    : `the opening of the session${session?.drill ? '' : ', as nobody said when things went bad'}`;
  const all = candidates.length + more;
  yield* paragraph(
    `All of this is ${measured}, from what lies beside the backups. Copies of the restored datasets that are newer than the chosen one, and from before ${moment(until)} (${end}): ${all === 0 ? 'none' : all}. What was known when it was chosen is what a verification before that had said.`,
  );
  yield* candidatesTable(unexplainedFirst(candidates), more);
  const open = candidates.filter(isUnexplained).length;
  if (open > 0)
    yield* paragraph(
      `Nothing is known against ${open} of them. Why ${open === 1 ? 'it was' : 'they were'} passed over is ${unknown}.`,
    );
  yield* laterPart(choice, hasBad(session));
  yield* paragraph(
    `Verifications of any backup since ${moment(from)}, failed ones first${verifications.length === 0 ? '' : '. Passed says that the bytes are those of the manifest; what was known of the inside when this was exported stands with it'}:`,
  );
  yield* list(
    firstFew(
      verifications.map(({id, broken = [], ...each}) => {
        const inside = broken.map(
          ({dataset, detail}) => `${code(dataset)} is broken inside: ${code(detail)}`,
        );
        return [`${code(id)}: ${verificationText(each)}`, ...firstFew(inside, mostPassed)].join('; **but** ');
      }),
      rowsOf(verifications.length),
    ),
    'None is recorded.',
  );
  if (others > 0) yield* paragraph(`${others} more are not in the record.`);
}

/** Copies, with what was known of each, as far as there is room. @param more that are not in the record */
function* candidatesTable(candidates: Candidate[], more: number): Iterable<string> {
  const all = candidates.length + more;
  if (all === 0) return;
  yield* table(
    ['Backup', 'Dataset', 'When it was chosen', 'When this was exported'],
    candidates
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
}

/** What lies in newer backups that are from after it. */
function* laterPart(
  {later = [], more_later: more = 0}: EvidenceChoice,
  mayHoldIt: boolean,
): Iterable<string> {
  if (later.length === 0) return;
  const all = later.length + more;
  yield* paragraph(
    `Copies of the same datasets from after that${mayHoldIt ? ', which may hold the damage' : ''}: ${all}.`,
  );
  yield* candidatesTable(later, more);
}
