import {createHash} from 'node:crypto';
import * as z from 'zod/mini';
import {eventHookLine} from '../events/told-notes.ts';
import {planOf} from '../restore/plan-record.ts';
import {safetyUntil} from '../retention/old-safety.ts';
import {answerLine, checklistLine} from '../session/checklist.ts';
import {contextLine} from '../session/context.ts';
import {contextSchema} from '../session/context-schema.ts';
import type {Journal} from '../session/journal.ts';
import type {RecordLine} from '../session/record.ts';
import {safetyName} from '../session/safety-place.ts';
import type {Story} from '../session/story.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {canonicalJson} from './canonical.ts';
import {sha256Of} from './place.ts';
import {restoredOf} from './restored.ts';
import type {EvidenceSession} from './schema.ts';
import {evidenceLines} from './session-lines.ts';

const hookSchema = z.object({
  command: z.array(z.string()),
  reason: z.nullable(z.string()),
  exit: z.catch(z.nullable(z.number()), null),
  output: z.string(),
  seconds: z.number(),
});
const finishedSchema = z.object({
  beware: z.catch(z.array(z.string()), []),
  seconds: z.catch(z.nullable(z.number()), null),
});
const openedSchema = z.object({
  plan: z.catch(z.nullable(z.string()), null),
  into: z.catch(z.nullable(z.string()), null),
  safety: z.catch(z.boolean(), true),
  breakLinks: z.catch(z.boolean(), false),
  allowed: z.catch(z.array(z.string()), []),
  deviations: z.catch(z.array(z.string()), []),
});
const noOpened = openedSchema.parse({});

const isoOf = (value: string | null): string | null => {
  const time = value === null ? Number.NaN : Date.parse(value);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
};

const kinds: Record<string, string> = {
  hook: 'hook',
  command: 'check',
  [eventHookLine]: 'hook on an event',
};

function commandsOf(lines: RecordLine[]): EvidenceSession['commands'] {
  return lines.flatMap(({type, data, at}) => {
    const what = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    const parsed = what === undefined ? null : hookSchema.safeParse(data).data;
    return what !== undefined && parsed ? [{at, what, ...parsed}] : [];
  });
}

/** Each step with its last answer; the time spent on it runs from the answer before it, or the end of the restore. */
function checklistFacts({steps, lines, endedAt, state}: Story): EvidenceSession['checklist'] {
  // What restored nothing leaves nothing to be ticked off.
  if (state === 'refused' || state === 'cancelled' || state === 'rolled-back') return [];
  const answers = lines.filter(({type}) => type === answerLine);
  return steps.map(({id, title, command, answer, replaced}) => {
    const own = answers.filter(({data}) => data['step'] === id);
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
      at: answer?.at ?? null,
      seconds: Number.isFinite(seconds) ? Math.max(0, seconds) : null,
      note: answer?.note ?? null,
      replaced: replaced.length,
    };
  });
}

/** When the files were switched, or where a recovery did that, when it was done. */
function restoredAt(lines: RecordLine[]): string | null {
  const line = lines.findLast(
    ({type, data}) => type === 'switched' || (type === 'recovered' && data['outcome'] === 'done'),
  );
  return line?.at ?? null;
}

/** What was done otherwise than the runbook has it. */
function deviationsOf(story: Story, opened: z.infer<typeof openedSchema>): string[] {
  const {lines, steps, drill} = story;
  const plan = planOf(lines);
  const said = [...opened.deviations];
  if (!opened.safety && !drill) said.push('no safety backup of the live files was made');
  if (opened.breakLinks) said.push('other hard links of a live file were left behind with the old content');
  for (const path of opened.allowed) said.push(`a target outside the configured ones was allowed: ${path}`);
  for (const {name, detail} of plan?.brokenInside ?? [])
    said.push(`${name} was known to be broken inside: ${detail}`);
  for (const {type, data} of lines)
    if (type === 'not held') said.push(`the backup could not be held: ${String(data['reason'])}`);
  for (const {id, title, answer} of steps)
    if (answer?.state === 'skipped') said.push(`step ${id} (${title}) was skipped: ${answer.note ?? ''}`);
  return said;
}

export type SessionFacts = {
  story: Story;
  journal: Journal | null;
  root: string;
  /** Bytes of session.jsonl, which may have more lines by now; null where there is none. */
  data: Buffer | null;
  /** Whether the safety backup with this id is still there. */
  isKept: (id: string) => boolean;
  /** Days that it is kept; null for ever. */
  safetyDays: number | null;
};

/** A session as its record and its journal tell it, for evidence. Pure. */
export function sessionFacts({
  story,
  journal,
  root,
  data,
  isKept,
  safetyDays,
}: SessionFacts): EvidenceSession {
  const {lines} = story;
  const kept = data && evidenceLines(data, lines.length);
  const isWhole = story.broken === null && !story.torn;
  const plan = planOf(lines);
  const parsed = openedSchema.safeParse(lines.find(({type}) => type === 'opened')?.data);
  const opened = parsed.data ?? noOpened;
  const finished = finishedSchema.safeParse(lines.findLast(({type}) => type === 'finished')?.data).data;
  const context = contextSchema.safeParse(lines.find(({type}) => type === contextLine)?.data).data;
  const checklist = lines.findLast(({type}) => type === checklistLine);
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
  const safety = journal?.safety ?? null;
  const until = safety === null ? null : safetyUntil(safety, safetyDays);
  return {
    number: story.number,
    state: story.state,
    reason: story.reason,
    drill: story.drill,
    into: opened.into,
    undoes: story.undoes,
    opened_at: story.openedAt,
    ended_at: story.endedAt,
    seconds: finished?.seconds ?? null,
    closed: story.closed,
    owners: story.owners.map(({operator, from, at}) => ({operator, from, at})),
    context: context ?? null,
    plan: opened.plan,
    restored,
    left_out: plan?.leftOut ?? [],
    checklist: checklistFacts(story),
    checklist_sha256: checklist
      ? createHash('sha256').update(canonicalJson(checklist.data)).digest('hex')
      : null,
    commands: commandsOf(lines),
    times: {
      bad_since: isoOf(story.badSince),
      last_write: written.toSorted().at(-1) ?? null,
      noticed: isoOf(times.noticed),
      declared: isoOf(times.declared),
      restored: done ? restoredAt(lines) : null,
      service_back: isoOf(times.serviceBack),
    },
    deviations: deviationsOf(story, opened),
    beware: finished?.beware ?? [],
    safety:
      safety === null
        ? null
        : {
            id: safety,
            path: `${root}/${stateName}/${safetyName}/${safety}`,
            kept: isKept(safety),
            until: until === null ? null : new Date(until).toISOString(),
          },
    record_sha256: data && (isWhole ? (kept?.sha256 ?? null) : sha256Of(data)),
    broken: story.broken,
    torn: story.torn,
    lines: kept?.lines ?? [],
  };
}
