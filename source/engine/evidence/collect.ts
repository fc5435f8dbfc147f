import {randomUUID} from 'node:crypto';
import type {Directory} from '../base/directory.ts';
import {readSmallFile} from '../base/files.ts';
import {operatorName} from '../base/owner.ts';
import {exitCode, Problem} from '../base/problem.ts';
import {listBackups} from '../catalog/list.ts';
import type {Configuration} from '../config/configuration.ts';
import {configuredNames} from '../config/effective.ts';
import {evidenceSettings, restoreSettings} from '../config/own-settings.ts';
import {manifestCopy} from '../restore/plan-record.ts';
import {evidenceStep} from '../session/checklist.ts';
import {contextOf} from '../session/context.ts';
import {isLine, said} from '../session/lines.ts';
import {cameFrom, standingOf, type Who} from '../session/owner.ts';
import {safetyName} from '../session/safety-place.ts';
import {openSession} from '../session/sessions.ts';
import {type Story, stories, wholeStory} from '../session/story.ts';
import {isOneName, looksLikeBackupId} from '../storage/backup-id.ts';
import {directoryOf, heldDirectory} from '../storage/held.ts';
import {maxManifestBytes, parseManifest} from '../storage/manifest/read.ts';
import type {ManifestContent} from '../storage/manifest/schema.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {assetFacts, runbookFacts} from './asset-facts.ts';
import {auditFacts} from './audit-lines.ts';
import {backupFacts} from './backup-facts.ts';
import {choiceFacts} from './choice-facts.ts';
import {contentFacts} from './content-facts.ts';
import {type KnownEvidence, knownEvidence} from './known.ts';
import {sha256Of} from './place.ts';
import {readBack} from './record-text.ts';
import {type EvidenceBackup, type EvidenceRecord, type EvidenceSession, schemaName} from './schema.ts';
import {type SessionFacts, sessionFacts} from './session-facts.ts';
import {uncheckedOf} from './unchecked.ts';

/** What evidence is about: a session, the last verification of a backup, or all backups. */
export type EvidenceSubject =
  | {kind: 'restore'; session: number}
  | {kind: 'verification'; id: string}
  | {kind: 'catalog'};

/** What only the exporter can say; what the session has recorded goes before it. */
export type GivenFacts = {
  purpose: EvidenceRecord['purpose'];
  ticket: string | null;
  title: string | null;
  authorised: string | null;
  control: string | null;
  period: string | null;
  corrective: string[];
  signer: EvidenceRecord['signer'];
};

/** What only a command says; a session's own record has its purpose, ticket and title. */
export const nothingGiven: Omit<GivenFacts, 'signer'> = {
  purpose: null,
  ticket: null,
  title: null,
  authorised: null,
  control: null,
  period: null,
  corrective: [],
};

export type Collecting = {
  root: string;
  backups: string;
  configuration: Configuration;
  /** The root's state; null where there is none yet. */
  state: Directory | null;
  env: NodeJS.ProcessEnv;
  subject: EvidenceSubject;
  given: GivenFacts;
  /** The evidence that was written before, where that is known already. */
  known?: KnownEvidence;
  /** It is written by signing the session off, which is done as soon as it is there. */
  closing?: boolean;
  /** Who exports, as the records of sessions know them; without it a command of this user. */
  me?: Who;
};

/** Who exports: whether they have the session decides whether that answers its step. */
export const exporterOf = ({me, env}: Pick<Collecting, 'me' | 'env'>): Who =>
  me ?? {operator: operatorName(env), from: cameFrom(env), screen: null};

type Kept = {facts: ReturnType<SessionFacts['keptOf']>; manifest: ManifestContent | null};

/** What a safety backup holds, as its own manifest says. */
function safetyFacts(state: Directory, id: string): Kept {
  const read = looksLikeBackupId(id)
    ? readSmallFile(`${state.path}/${safetyName}/${id}/manifest.json`, maxManifestBytes)
    : {missing: true as const};
  if (!('data' in read))
    return {facts: {kept: !('missing' in read), files: [], manifest_sha256: null}, manifest: null};
  const parsed = parseManifest(read.data);
  const manifest = 'reason' in parsed ? null : parsed;
  const files = manifest?.datasets.map(({name, algorithm, hash}) => ({name, algorithm, hash})) ?? [];
  return {facts: {kept: true, files, manifest_sha256: sha256Of(read.data)}, manifest};
}

type Told = {
  session: EvidenceSession;
  story: Story;
  manifest: Buffer | null;
  /** What the safety backup's manifest says; null where there is none. */
  safety: ManifestContent | null;
};

function tellSession({root, state}: Collecting, number: number): Told {
  const whole = state && wholeStory(state, number);
  const directory = state && openSession(state, number);
  if (!state || !whole || !directory)
    throw new Problem(
      exitCode.notFound,
      `There is no session ${number}: "magds session list" shows what there is.`,
    );
  try {
    const {story, read, data} = whole;
    const copy = readSmallFile(`${directory.path}/${manifestCopy}`, maxManifestBytes);
    const recorded = said(story.lines.findLast(isLine('manifest')), 'sha256');
    let safety: ManifestContent | null = null;
    const session = sessionFacts({
      story,
      // One that is not obeyed is still told of; nothing is done by it.
      journal: read.state === 'read' ? read.journal : null,
      root,
      data,
      keptOf: (id) => {
        const kept = safetyFacts(state, id);
        safety = kept.manifest;
        return kept.facts;
      },
      safetyDays: restoreSettings(root).safetyDays,
    });
    const manifest = 'data' in copy && sha256Of(copy.data) === recorded ? copy.data : null;
    // What it says of itself is in the session now.
    return {session, story: {...story, lines: []}, manifest, safety};
  } finally {
    directory.close();
  }
}

function backupsOf(collecting: Collecting, told: Told | null): EvidenceBackup[] {
  const {root, backups, configuration, subject, state} = collecting;
  const configured = configuredNames(configuration);
  const held = heldDirectory(root);
  const facts = (id: string, whole: boolean, from = held, kept: Buffer | null = null): EvidenceBackup =>
    backupFacts({directory: directoryOf(backups, from, id), id, configured, whole, kept});
  if (subject.kind === 'catalog') return listBackups(backups, held).ids.map((id) => facts(id, false));
  if (subject.kind === 'verification') return [facts(subject.id, true)];
  const id = told?.story.id ?? '';
  if (!isOneName(id)) return [];
  // What an undo restores is a safety backup.
  const undo = told?.story.undoes !== null && state !== null;
  const from = undo ? `${state.path}/${safetyName}` : held;
  const known = facts(id, true, from, told?.manifest);
  const found = told ? withStaged(known, told.session) : known;
  if (!undo || found.manifest.path === null) return [found];
  const path = `${root}/${stateName}/${safetyName}/${id}/manifest.json`;
  return [{...found, manifest: {...found.manifest, path}}];
}

/** An undo has no choice: it takes what its session has saved. */
function choiceOf(
  {root, backups, configuration}: Collecting,
  session: EvidenceSession | null,
  story: Story | null,
): Pick<EvidenceRecord, 'choice'> {
  if (!session || !story || story.undoes !== null || !isOneName(story.id)) return {};
  const configured = configuredNames(configuration) ?? [];
  return {choice: choiceFacts({root, backups, configured, id: story.id, session})};
}

async function contentOf(
  {root, backups, state}: Collecting,
  session: EvidenceSession | null,
  saved: ManifestContent | null,
  [backup]: EvidenceBackup[],
): Promise<Pick<EvidenceRecord, 'content'>> {
  if (!state || !session || !backup) return {};
  // Another process reads it: to that one, a path by way of what is open here leads nowhere.
  const safety = `${root}/${stateName}/${safetyName}`;
  const content = await contentFacts({root, backups, safety, saved, session, backup});
  return content ? {content} : {};
}

/** A copy that was staged was hashed by it: nothing else is put in the place of a live file. */
function withStaged(backup: EvidenceBackup, {lines, restored}: EvidenceSession): EvidenceBackup {
  if (!lines.some(isLine('staged'))) return backup;
  const staged = new Map(
    restored
      .filter(({role, action}) => role === 'dataset' && (action === 'create' || action === 'overwrite'))
      .map((each) => [each.dataset, each]),
  );
  const datasets = backup.datasets.map((each) => {
    const file = staged.get(each.name);
    if (!file || each.actual !== null) return each;
    return {...each, actual: file.expected, status: 'match', bytes: file.bytes};
  });
  return {...backup, datasets};
}

/** The evidence that is being made answers the step that asks for it, where the session is the exporter's. */
function withThis(session: EvidenceSession, {who, at}: EvidenceRecord['exported']): EvidenceSession {
  return {
    ...session,
    checklist: session.checklist.map((step) =>
      step.id === evidenceStep && step.state === 'open'
        ? {
            ...step,
            state: 'done',
            machine: true,
            by: who.login,
            ...(who.person && {person: who.person}),
            at,
            note: 'by this file',
          }
        : step,
    ),
  };
}

/**
 * What is read of a file again, whatever was found: the prose is rendered from this.
 * @throws Problem where that would be no record
 */
function asInFile(record: EvidenceRecord): EvidenceRecord {
  const {session} = record;
  // Its lines are texts that were read as they are.
  const lines = session?.lines ?? [];
  const read = readBack(session ? {...record, session: {...session, lines: []}} : record);
  if ('reason' in read) throw new Problem(exitCode.failed, `Nothing was written: ${read.reason}.`);
  return read.session ? {...read, session: {...read.session, lines}} : read;
}

/**
 * Everything that an evidence file records, from what lies on the disk; nothing is written, and nothing is hashed but
 * manifests and records.
 * @throws Problem where there is nothing of the kind to be told of
 */
export async function collectEvidence(collecting: Collecting): Promise<EvidenceRecord> {
  const {root, configuration, state, env, subject, given} = collecting;
  const settings = evidenceSettings(root);
  const exported = await contextOf(env);
  // What a story holds of its record is large.
  const all = stories(state).map((each) => ({
    number: each.number,
    state: each.state,
    opened_at: each.openedAt,
    ticket: each.ticket,
  }));
  const told = subject.kind === 'restore' ? tellSession(collecting, subject.session) : null;
  const story = told?.story ?? null;
  const isMine = story !== null && standingOf(story.owners, exporterOf(collecting)) !== 'watches';
  const known = told && isMine && !story.closed ? withThis(told.session, exported) : (told?.session ?? null);
  const session = known && collecting.closing ? {...known, closed: true} : known;
  const {inList, unlisted, last} =
    collecting.known ?? (await knownEvidence(state, root, configuration.auditLog.value));
  const ticket = story?.ticket ?? given.ticket;
  const described = backupsOf(collecting, told);
  const about = new Set([...inList, ...unlisted].map((entry) => entry.session));
  const numbers = all.map(({number}) => number);
  const purposes = ['incident', 'drill', 'verification'] as const;
  const recordedPurpose = purposes.find((each) => each === story?.purpose) ?? null;
  const usual = subject.kind === 'restore' ? (session?.drill ? 'drill' : null) : 'verification';
  const record = {
    schema: schemaName,
    id: randomUUID(),
    kind: subject.kind,
    exported,
    asset: assetFacts(root, configuration, settings, exported),
    purpose: recordedPurpose ?? given.purpose ?? usual,
    ticket,
    title: story?.title ?? given.title,
    authorised: story?.authorisedBy ?? given.authorised,
    control: given.control ?? settings.control ?? null,
    period: given.period,
    objectives: {rto_seconds: settings.rto_seconds ?? null, rpo_seconds: settings.rpo_seconds ?? null},
    session,
    backups: described,
    ...(await contentOf(collecting, session, told?.safety ?? null, described)),
    ...choiceOf(collecting, session, story),
    ...(session ? {audit: await auditFacts(root, configuration.auditLog.value, session)} : {}),
    sessions: {
      all: numbers,
      never_exported: numbers.filter((number) => !about.has(number) && number !== session?.number),
    },
    attempts: all
      .filter((each) => ticket !== null && each.ticket === ticket && each.number < (session?.number ?? 0))
      .map(({ticket: _, ...attempt}) => attempt),
    corrective: given.corrective,
    runbook: runbookFacts(root, settings),
    previous: last ? {file: last.file, sha256: last.sha256} : null,
    signer: given.signer,
  } satisfies Omit<EvidenceRecord, 'not_checked'>;
  return asInFile({...record, not_checked: [...uncheckedOf(record)]});
}
