import path from 'node:path';
import {escapeText} from '../engine/base/escape.ts';
import {describeError} from '../engine/base/problem.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {announcerOf} from '../engine/events/announcer.ts';
import type {EvidenceSubject} from '../engine/evidence/collect.ts';
import {type Exported, exportEvidence} from '../engine/evidence/export.ts';
import {parsePeriod} from '../engine/evidence/report.ts';
import {openWriter} from '../engine/retention/writer.ts';
import {aboutOf} from './about.ts';
import {type Invocation, wrongUsage} from './command.ts';
import {aboutFlags, breakLock, evidenceFlags, text, texts, yes} from './flags.ts';
import {tellTidied} from './tell.ts';

/** How an evidence file is made, and where. */
export const exportFlags = {
  out: text('FILE', 'where to write it; else storage/runbook/evidence/'),
  html: yes('an HTML page too, to read, print or attach; the markdown stays the original'),
  ...aboutFlags,
  ...evidenceFlags,
  corrective: texts('TEXT', 'what will be improved, by whom, by when; may be repeated'),
  breakLock,
};

/** Of a restore it is told in its own place, without a word of what is to be done better. */
type Call = Invocation<typeof exportFlags>;

/** The key that `--sign` names, absolute; null leaves evidence unsigned. */
export const keyOf = ({flags, cwd}: Call): string | null =>
  flags.sign === undefined ? null : path.resolve(cwd, flags.sign);

/**
 * A report counts by it: what is none would be of no period.
 * @throws Problem (wrong usage) where `--period` names none
 */
export function checkPeriod({period}: Call['flags']): void {
  if (period !== undefined && parsePeriod(period) === null)
    wrongUsage(
      `--period=${escapeText(period)} is no period: give 2026Q4, or a year, half-year (2026H2) or month (2026-11). Nothing was written.`,
    );
}

/**
 * Writes an evidence file as the flags say.
 * @throws Problem where it cannot be written; nothing of it is left then
 */
export async function makeEvidence(
  invocation: Call,
  place: RunPlace,
  subject: EvidenceSubject,
): Promise<Exported & {isTold: boolean}> {
  const {flags, cwd, signal} = invocation;
  const {purpose, ticket, title, authorisedBy} = aboutOf(flags);
  const {root, backups, configuration} = place;
  const announcer = announcerOf(place, signal);
  // Evidence of a restore that stopped halfway may be wanted before it is decided what becomes of it.
  const writer = openWriter({
    ...place,
    doing: 'evidence export',
    breakHost: flags.breakLock,
    recovering: true,
  });
  let exported: Exported;
  try {
    tellTidied(writer.tidied);
    exported = await exportEvidence({
      writer,
      announcer,
      root,
      backups,
      configuration,
      env: process.env,
      subject,
      given: {
        purpose,
        ticket,
        title,
        authorised: authorisedBy,
        control: flags.control ?? null,
        period: flags.period ?? null,
        corrective: flags.corrective ?? [],
      },
      out: flags.out === undefined ? null : path.resolve(cwd, flags.out),
      key: keyOf(invocation),
      terminal: process.stdin.isTTY === true,
      html: flags.html === true,
    });
  } finally {
    writer.close();
  }
  const {problems} = await announcer.settle();
  const beware = [...exported.beware, ...problems.map((each) => `not reported: ${each}`)];
  return {...exported, beware, isTold: problems.length === 0};
}

/** What became of the evidence of a restore that is over: whatever it is, the restore stays what it was. */
export type EvidenceOutcome = {file: string; sha256: string; beware: string[]} | {reason: string};

export async function tellEvidence(
  invocation: Call,
  place: RunPlace,
  session: number,
): Promise<EvidenceOutcome> {
  try {
    const {file, sha256, beware} = await makeEvidence(invocation, place, {kind: 'restore', session});
    return {file, sha256, beware};
  } catch (error) {
    return {reason: describeError(error)};
  }
}

/** For people, a line each; nothing is escaped. */
export const toldLines = (told: EvidenceOutcome, session: number): string[] =>
  'reason' in told
    ? [`! no evidence was written: ${told.reason} Then: magds evidence export --session=${session}`]
    : [`+ evidence: ${told.file}`, ...told.beware.map((line) => `! ${line}`)];
