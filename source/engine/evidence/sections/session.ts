import {counted} from '../../base/format.ts';
import {shellWord} from '../../base/shell-word.ts';
import {code, facts, fence, list, notRecorded, paragraph, table, textLines} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession, EvidenceStep} from '../schema.ts';
import {besideText, measured, typed, unknown} from './loss.ts';
import {
  amount,
  duration,
  isFirst,
  isMany,
  moment,
  rowsOf,
  short,
  signOffText,
  subjectOf,
  undoneIn,
} from './words.ts';

const stepText = ({id, title, command, note, state, replaced}: EvidenceStep): string => {
  const said =
    note === null ? (state === 'skipped' ? '; reason: not recorded' : '') : `; note: ${code(note)}`;
  const ran = command === null ? '' : `; command: ${code(command.join(' '))}`;
  const before = replaced === 0 ? '' : `; it took the place of ${counted(replaced, 'earlier answer')}`;
  return `${code(id)}: ${code(title)}${said}${ran}${before}`;
};

export function* checklistSection(record: EvidenceRecord): Iterable<string> {
  const {session} = record;
  if (!session) return yield* paragraph(`Checklist: ${notRecorded}.`);
  const {checklist} = session;
  if (!isFirst(record)) return yield* stepsOf(session);
  yield* facts({
    'Signed off': signOffText(session),
    "SHA-256 of the checklist's definition": code(session.checklist_sha256),
  });
  if (checklist.length === 0) return yield* paragraph('It has no steps.');
  yield* table(
    ['Step', 'Result', 'By', 'Who', 'When', 'Took'],
    checklist.map(({id, state, machine, by, at, seconds}) => [
      code(id),
      state,
      state === 'open' ? '-' : machine ? 'machine' : 'hand',
      short(by),
      at === null ? '-' : moment(at),
      seconds === null ? '-' : duration(seconds),
    ]),
  );
  yield* list(checklist.map(stepText), '');
}

const wayOf = ({state, machine}: EvidenceStep): string =>
  state === 'open' ? 'open' : `${state} ${machine ? measured : typed}`;

/** The runbook's steps by their numbers. */
function* stepsOf({checklist, checklist_sha256: digest}: EvidenceSession): Iterable<string> {
  if (checklist.length === 0) return yield* paragraph('It has no steps.');
  yield* paragraph(
    `A machine answered what is ${measured}; what is ${typed} was answered by hand, unchecked. When: ${measured}; the last column counts from the answer before, waiting included.`,
  );
  yield* table(
    ['#', 'Step', 'Result', 'Who', 'When', 'Since the one before'],
    checklist.map((each, index) => [
      String(index + 1),
      code(each.id),
      wayOf(each),
      `${short(each.by)}${each.person ? `, ${code(each.person)} ${typed}` : ''}`,
      each.at === null ? '-' : moment(each.at),
      each.seconds === null ? '-' : duration(each.seconds),
    ]),
  );
  yield* list(
    checklist.map((each, index) => `${index + 1}, ${stepText(each)}`),
    '',
  );
  yield* facts({"SHA-256 of the steps' definition": code(digest)});
}

/** What the site's own commands said, verbatim. */
export function* commandsSection({session}: EvidenceRecord): Iterable<string> {
  if (!session) return yield* paragraph(`Commands: ${notRecorded}.`);
  if (session.commands.length === 0)
    yield* paragraph('No hook and no check of the application was run: nothing here says that it works.');
  for (const {at, what, command, exit, seconds, reason, output} of session.commands) {
    yield* facts({
      Kind: code(what),
      Command: command.length === 0 ? notRecorded : command.map(code).join(' '),
      When: `${moment(at)}, took ${duration(seconds)}`,
      'Exit code': amount(exit),
      'Why it failed': reason === null ? null : code(reason),
      Output: output === '' ? 'none' : 'as far as it was kept:',
    });
    if (output !== '') yield* fence(textLines(output));
  }
}

/** Digests of what the safety backup holds, by its own manifest. */
function* safetyFiles(
  {files, manifest_sha256: manifest}: NonNullable<EvidenceSession['safety']>,
  areCounted: boolean,
): Iterable<string> {
  if (files === undefined) return;
  yield* facts({'SHA-256 of its manifest': manifest ? code(manifest) : unknown});
  if (files.length === 0) return yield* paragraph(`What it holds: ${unknown}.`);
  if (areCounted)
    return yield* paragraph(
      `What it holds, as that manifest says: ${counted(files.length, 'file')}; algorithm, digest and name of each are in the record.`,
    );
  yield* paragraph('What it holds, as that manifest says: algorithm, digest, name.');
  yield* fence(
    files
      .slice(0, rowsOf(files.length))
      .map(({algorithm, hash, name}) => `${algorithm ?? notRecorded} ${hash ?? notRecorded} ${name}`),
  );
  const unseen = files.length - rowsOf(files.length);
  if (unseen > 0) yield* paragraph(`Then ${counted(unseen, 'file')} more, in the record.`);
}

/** How what was written after things went bad is looked at, and taken out: good rows may be among it. */
function* bringBack({session, backups: [backup]}: EvidenceRecord, safety: string): Iterable<string> {
  const taken =
    session?.restored.filter(({role, action}) => role === 'dataset' && action === 'overwrite') ?? [];
  const [only, ...others] = taken;
  if (!only) return;
  const name = others.length === 0 ? shellWord(only.dataset) : 'DATASET';
  const diff = `magds backup diff ${shellWord(safety)} --with=${shellWord(backup?.id ?? '')} --dataset=${name}`;
  const extract = `magds backup extract ${shellWord(safety)} ${name} --to=FILE`;
  yield* paragraph(
    `Good rows may be among what was discarded. Without changing what is live, ${code(diff)} shows what differs, and ${code(extract)} copies the old file out.`,
  );
}

/** Where the files are that were live before, and how they come back. */
export function* safetySection(record: EvidenceRecord): Iterable<string> {
  const {session} = record;
  if (!session) return yield* paragraph(`Safety backup: ${notRecorded}.`);
  if (subjectOf(record) === 'drill')
    return yield* paragraph(
      'A drill writes no live file: there is nothing to go back to, and no safety backup.',
    );
  const {safety, state, closed, number} = session;
  if (!isFirst(record)) yield* paragraph(`All of this is ${measured}.`);
  const closing = isFirst(record) ? 'signed off' : 'closed';
  if (!safety) {
    const beside = !isFirst(record) && state === 'done' ? besideText(session) : null;
    return yield* paragraph(
      `There is no safety backup. What the live files were before is ${beside ?? 'not kept anywhere that this record knows of'}.`,
    );
  }
  yield* facts({
    // Its path ends with it.
    'Safety backup': isFirst(record) ? code(safety.id) : null,
    Path: code(safety.path),
    Kept: safety.kept ? 'yes, it was there when this was exported' : '**no**: it is not there any more',
    'Kept until': safety.until === null ? 'nothing removes it' : moment(safety.until),
  });
  yield* safetyFiles(safety, isMany(record));
  if (!isFirst(record) && state === 'done' && safety.kept) yield* bringBack(record, safety.id);
  if (state === 'done' && safety.kept)
    yield* paragraph(
      `The way back is \`magds restore --undo=${number}\`: it restores the safety backup, after another one.${closed ? ` The session is ${undoneIn(session) === null ? closing : 'undone'}: the old files beside the live ones are released.` : ''}`,
    );
}
