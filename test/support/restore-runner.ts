import fs from 'node:fs';
import path from 'node:path';
import {Directory} from '../../source/engine/base/directory.ts';
import {runnerWord} from '../../source/engine/base/own-words.ts';
import {loadConfiguration} from '../../source/engine/config/effective.ts';
import {restoreSettings} from '../../source/engine/config/own-settings.ts';
import type {RunPlace} from '../../source/engine/config/project.ts';
import type {RestoreOptions} from '../../source/engine/restore/action.ts';
import {followSession} from '../../source/engine/restore/follow.ts';
import {Look} from '../../source/engine/restore/look.ts';
import {planRestore, whyNotRestore} from '../../source/engine/restore/plan.ts';
import {type Finished, type RestoreRequest, requestOptions} from '../../source/engine/restore/request.ts';
import {type Journal, type Phase, readJournal} from '../../source/engine/session/journal.ts';
import type {RecordLine} from '../../source/engine/session/record.ts';
import {makeSession} from '../../source/engine/session/sessions.ts';
import {heldDirectory} from '../../source/engine/storage/held.ts';
import {openState} from '../../source/engine/storage/runbook/state-directory.ts';
import {type Traced, type TraceOptions, traced} from './faults.ts';
import type {RestoreRoot} from './restore-root.ts';
import type {Outcome} from './run.ts';
import {temporaryDirectory} from './temporary.ts';
import {pool} from './verifying.ts';

/** A session that has its directory, and what its process is to be told. */
export type Begun = RestoreRoot & {session: number; request: string};

/** Does what `magds restore` does before it starts the process that restores. */
export async function beginRestore(
  {root, id}: RestoreRoot,
  {safety, breakLinks = false, allowed = []}: {safety: boolean; breakLinks?: boolean; allowed?: string[]},
): Promise<Begun> {
  const configuration = await loadConfiguration(root, {});
  const place: RunPlace = {root, backups: configuration.path.value, configuration};
  const options: RestoreOptions = {
    held: heldDirectory(root),
    id,
    only: null,
    into: null,
    intoDatabase: null,
    allowed,
    map: new Map(),
    last: null,
    breakLinks,
    volatile: restoreSettings(root).volatile,
    safety,
    checkCopies: 'unstaged',
  };
  const look = new Look(pool, new AbortController().signal);
  const plan = await planRestore({place, options}, look);
  const why = whyNotRestore(plan);
  if (why.length > 0) throw new Error(why.join('; '));
  const state = openState(root);
  try {
    const {number, directory} = makeSession(state);
    directory.close();
    const request: RestoreRequest = {
      root,
      session: number,
      environment: null,
      breakHost: null,
      plan: plan.hash,
      undoes: null,
      options: requestOptions(options),
      known: [...look.known],
      by: {from: null, screen: null},
      ticket: null,
      purpose: null,
      title: null,
      authorisedBy: null,
      badSince: null,
    };
    const file = path.join(temporaryDirectory(), 'request');
    fs.writeFileSync(file, JSON.stringify(request));
    return {root, id, session: number, request: file};
  } finally {
    state.close();
  }
}

/** The process that restores, under strace; what it starts itself is left alone. */
export const runRunner = (
  {request}: Begun,
  options: Omit<TraceOptions, 'stdin' | 'own'>,
): Promise<Outcome & {calls: Traced[]}> => traced([runnerWord], {...options, stdin: request, own: true});

const sessionDirectory = (root: string, session: number): string =>
  path.join(root, 'storage/runbook/sessions', String(session));

/** The journal on the disk; null where there is none. */
export function journalOnDisk({root, session}: Pick<Begun, 'root' | 'session'>): Journal | null {
  const read = readJournal(sessionDirectory(root, session), session);
  if (read.state === 'unreadable') throw new Error(`the journal is torn: ${read.reason}`);
  return read.state === 'read' ? read.journal : null;
}

export const phaseOf = (begun: Pick<Begun, 'root' | 'session'>): Phase | null =>
  journalOnDisk(begun)?.phase ?? null;

/** How a restore ended whose process is gone, as a screen that follows it is told. */
export async function endOf({root, session}: Begun): Promise<{finished: Finished; lines: RecordLine[]}> {
  const directory = Directory.open(sessionDirectory(root, session));
  const lines: RecordLine[] = [];
  try {
    const {signal} = new AbortController();
    for await (const event of followSession(directory, session, () => true, signal)) {
      if (event.type === 'record') lines.push(event.line);
      else if (event.type === 'finished') return {finished: event.finished, lines};
    }
    throw new Error('nobody says how it ended');
  } finally {
    directory.close();
  }
}
