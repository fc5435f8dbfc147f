import {formatBytes, listed} from '../engine/base/format.ts';
import {shellWord} from '../engine/base/shell-word.ts';
import {dayOf} from '../engine/base/time-text.ts';
import type {SignOffPlan} from '../engine/checklist/sign-off.ts';
import {evidenceStep, openSteps, stillOpen} from '../engine/session/checklist.ts';
import type {Story} from '../engine/session/story.ts';
import {present} from './present.ts';
import {datasetsOf} from './story-facts.ts';
import {answeredOf} from './story-words.ts';

/** What is signed off: which session, of which datasets, and how its steps stand. Not escaped. */
export function signOffHead(story: Story): string {
  const {number, ticket, id, undoes, steps} = story;
  const names = listed(datasetsOf(story), 4) || 'no dataset';
  const what = undoes === null ? `${names} from ${id}` : `undo of session ${undoes}`;
  const failed = steps.filter(({answer}) => answer?.state === 'failed').length;
  const evidence = steps.some(({id: step, answer}) => step === evidenceStep && answer === null);
  const answered = `${answeredOf(story)} answered${evidence ? ' (signing off writes the evidence)' : ''}`;
  return `Session ${number}${ticket === null ? '' : `, ${ticket}`}: ${what}. ${answered}, ${failed === 0 ? 'none' : failed} failed.`;
}

/** Whether what goes is all that is left of what was live before. */
export const isLastOfOld = ({safety, goes}: SignOffPlan): boolean =>
  safety === null && goes.files.length + goes.databases.length > 0;

/** What signing off deletes, keeps and writes, a word and what there is to say of it, `short` in little room; not escaped. */
export function signOffFacts(
  plan: SignOffPlan,
): {word: string; text: string; isGrave: boolean; short?: string}[] {
  const {goes, safety, held, session} = plan;
  const old = `the old ${listed(goes.files, 3)} set aside beside the live ${goes.files.length === 1 ? 'one' : 'ones'}`;
  const backup = held ? `the backup, held until ${dayOf(held.until)}` : '';
  const last =
    'there is no safety backup: nothing else is left of what was live before, and no undo is possible';
  const until = safety?.until == null ? '' : ` until ${dayOf(safety.until)}`;
  const same = safety ? '; the safety backup holds the same bytes' : '';
  const facts = present<{word: string; text: string; short?: string}>([
    goes.files.length > 0 && {word: 'delete', text: `${old} (${formatBytes(goes.bytes)})${same}`},
    ...goes.databases.map((name) => ({word: 'delete', text: `${name}, the old one, with all that it holds`})),
    isLastOfOld(plan) && {word: '', text: last},
    safety && {
      word: 'keep',
      text: `the safety backup${until}: undo stays possible from it`,
      short: `the safety backup, for undo${until}`,
    },
    held && {word: 'keep', text: `${backup}, should it be needed again`, short: backup},
    {
      word: 'write',
      text: `the final evidence: storage/runbook/evidence/…_session-${session}.md`,
      short: 'the final evidence, in storage/runbook/evidence',
    },
  ]);
  return facts.map((each) => ({...each, isGrave: each.text === last}));
}

/** Why it cannot be signed off yet; null where it can. */
export function whyNotSign({steps}: Story): string | null {
  if (stillOpen(steps).length === 0) return null;
  const open = openSteps(steps);
  const evidence = open.some(({id}) => id === evidenceStep)
    ? ' (signing off writes the evidence itself)'
    : '';
  return `${open.length} ${open.length === 1 ? 'step is' : 'steps are'} still open${evidence}`;
}

/** What makes final evidence worth more: what it proves, and the command that has it; null where it is there. Not escaped. */
export type Worth = {what: string; proves: string; command: string | null};

/** @param root of the project, where the command is not sure to be run in it */
export function worthOf(
  {file, record: {signer}}: {file: string; record: {signer: {fingerprint: string} | null}},
  session: number,
  root: string | null = null,
): Worth[] {
  const path = shellWord(file);
  const where = root === null ? '' : ` --root=${shellWord(root)}`;
  return [
    signer === null
      ? {
          what: 'a signature',
          proves: 'proves who vouches for every byte of it',
          command: `magds evidence export --session=${session} --sign=KEY${where}`,
        }
      : {
          what: `signed with ${signer.fingerprint}`,
          proves: 'that proves who vouches for every byte of it',
          command: null,
        },
    {
      what: 'a time stamp',
      proves: 'proves that it existed by then',
      command: `magds evidence timestamp ${path} --tsq=${shellWord(`${file}.tsq`)}`,
    },
    {
      what: 'an approval',
      proves: 'proves that a second person vouches for it',
      command: `magds evidence approve ${path} --sign=KEY`,
    },
  ];
}

/** The same in lines. */
export const worthLines = (...of: Parameters<typeof worthOf>): string[] =>
  worthOf(...of).map(
    ({what, proves, command}) =>
      `${what}${command === null ? ':' : ''} ${proves}${command === null ? '' : `: ${command}`}`,
  );
