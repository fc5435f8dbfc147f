import {planOf, type RecordedPlan} from '../restore/plan-record.ts';
import {safetyUntil} from '../retention/old-safety.ts';
import type {Journal} from '../session/journal.ts';
import {dataOf, isLine, said} from '../session/lines.ts';
import type {RecordLine} from '../session/record.ts';
import {safetyName} from '../session/safety-place.ts';
import {bewareIn, type Story} from '../session/story.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {canonicalJson} from './canonical.ts';
import {sha256Of} from './place.ts';
import {replacedDatabases} from './replaced-databases.ts';
import {restoredOf} from './restored.ts';
import type {EvidenceSession} from './schema.ts';
import {evidenceLines} from './session-lines.ts';

const isoOf = (value: string | null): string | null => {
  const time = value === null ? Number.NaN : Date.parse(value);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
};

const kinds = {hook: 'hook', command: 'check', 'event-hook': 'hook on an event'};

const commandsOf = (lines: RecordLine[]): EvidenceSession['commands'] =>
  lines.filter(isLine('hook', 'command', 'event-hook')).flatMap((line) => {
    const data = dataOf(line);
    if (!data) return [];
    const {command, reason, exit, output, seconds} = data;
    return [{at: line.at, what: kinds[line.type], command, reason, exit, output, seconds}];
  });

/** Each step with its last answer; the time spent on it runs from the answer before it, or the end of the restore. */
function checklistFacts({steps, lines, endedAt, state}: Story): EvidenceSession['checklist'] {
  // What restored nothing leaves nothing to be ticked off.
  if (state === 'refused' || state === 'cancelled' || state === 'rolled-back') return [];
  const answers = lines.filter(isLine('step'));
  return steps.map(({id, title, command, answer, replaced}) => {
    const own = answers.filter((line) => said(line, 'step') === id);
    const last = own.at(-1);
    const before = last && answers[answers.indexOf(last) - 1];
    const from = Date.parse(before?.at ?? endedAt ?? '');
    const seconds = last ? (Date.parse(last.at) - from) / 1000 : Number.NaN;
    return {
      id,
      title,
      command,
      state: answer?.state ?? 'open',
      machine: answer?.machine ?? false,
      by: answer?.operator ?? null,
      ...(answer?.person && {person: answer.person}),
      at: answer?.at ?? null,
      seconds: Number.isFinite(seconds) ? Math.max(0, seconds) : null,
      note: answer?.note ?? null,
      replaced: replaced.length,
    };
  });
}

/** When the files were switched, or where a recovery did that, when it was done. */
function restoredAt(lines: RecordLine[]): string | null {
  const line = lines
    .filter(isLine('switched', 'recovered'))
    .findLast((each) => each.type === 'switched' || said(each, 'outcome') === 'done');
  return line?.at ?? null;
}

/** What was done otherwise than the runbook has it. */
function deviationsOf({lines, steps, drill}: Story, plan: RecordedPlan | null): string[] {
  const opened = lines.find(isLine('opened'));
  const all = [...(said(opened, 'deviations') ?? [])];
  if (said(opened, 'safety') === false && !drill) all.push('no safety backup of the live files was made');
  if (said(opened, 'breakLinks'))
    all.push('other hard links of a live file were left behind with the old content');
  for (const path of said(opened, 'allowed') ?? [])
    all.push(`a target outside the configured ones was allowed: ${path}`);
  for (const {name, detail} of plan?.brokenInside ?? [])
    all.push(`${name} was known to be broken inside: ${detail}`);
  for (const line of lines.filter(isLine('not held')))
    all.push(`the backup could not be held: ${said(line, 'reason')}`);
  for (const {id, title, answer} of steps)
    if (answer?.state === 'skipped') all.push(`step ${id} (${title}) was skipped: ${answer.note ?? ''}`);
  return all;
}

export type SessionFacts = {
  story: Story;
  journal: Journal | null;
  root: string;
  /** Bytes of session.jsonl, the very ones that the story was told of; null where there is none. */
  data: Buffer | null;
  /** Whether the safety backup with this id is still there, and what its manifest says that it holds. */
  keptOf: (id: string) => Pick<NonNullable<EvidenceSession['safety']>, 'kept' | 'files' | 'manifest_sha256'>;
  /** Days that it is kept; null for ever. */
  safetyDays: number | null;
};

/** A session as its record and its journal tell it, for evidence. Pure. */
export function sessionFacts({
  story,
  journal,
  root,
  data,
  keptOf,
  safetyDays,
}: SessionFacts): EvidenceSession {
  const {lines} = story;
  const kept = data && evidenceLines(data, story.broken === null);
  const isWhole = story.broken === null && !story.torn;
  const plan = planOf(lines);
  const opened = lines.find(isLine('opened'));
  const finished = lines.findLast(isLine('finished'));
  const checklist = lines.findLast(isLine('checklist'));
  const done = story.state === 'done';
  const restored = restoredOf(lines, plan, journal, done);
  // What lies beside a database has its name, and is of its kind: the first one tells.
  const isVolatile = new Map(plan?.actions.toReversed().map((each) => [each.dataset, each.volatile]));
  const written = restored
    .filter(
      ({action, dataset}) => (action === 'overwrite' || action === 'remove') && !isVolatile.get(dataset),
    )
    .flatMap(({before}) => before?.modified ?? []);
  const {times} = story;
  const databases = replacedDatabases(plan, journal);
  const safety = journal?.safety ?? null;
  const until = safety === null ? null : safetyUntil(safety, safetyDays);
  return {
    number: story.number,
    state: story.state,
    reason: story.reason,
    drill: story.drill,
    into: said(opened, 'into') ?? null,
    undoes: story.undoes,
    opened_at: story.openedAt,
    ended_at: story.endedAt,
    seconds: said(finished, 'seconds') ?? null,
    closed: story.closed,
    owners: story.owners.map(({operator, person, from, at}) => ({
      operator,
      ...(person && {person}),
      from,
      at,
    })),
    context: dataOf(lines.find(isLine('context'))) ?? null,
    plan: said(opened, 'plan') ?? null,
    restored,
    ...(databases && {databases}),
    left_out: plan?.leftOut ?? [],
    checklist: checklistFacts(story),
    checklist_sha256: checklist ? sha256Of(canonicalJson(checklist.data)) : null,
    commands: commandsOf(lines),
    times: {
      bad_since: isoOf(story.badSince),
      last_write: written.toSorted().at(-1) ?? null,
      noticed: isoOf(times.noticed),
      declared: isoOf(times.declared),
      restored: done ? restoredAt(lines) : null,
      service_back: isoOf(times.serviceBack),
    },
    deviations: deviationsOf(story, plan),
    beware: bewareIn(story),
    safety:
      safety === null
        ? null
        : {
            id: safety,
            path: `${root}/${stateName}/${safetyName}/${safety}`,
            ...keptOf(safety),
            until: until === null ? null : new Date(until).toISOString(),
          },
    record_sha256: data && (isWhole ? (kept?.sha256 ?? null) : sha256Of(data)),
    broken: story.broken,
    torn: story.torn,
    lines: kept?.lines ?? [],
  };
}
