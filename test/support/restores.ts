import fs from 'node:fs';
import path from 'node:path';
import {expect, vi} from 'vitest';
import {recordAnswer} from '../../source/engine/checklist/answer.ts';
import {parseEvidenceFile} from '../../source/engine/evidence/parse-file.ts';
import type {EvidenceSession} from '../../source/engine/evidence/schema.ts';
import {openSteps} from '../../source/engine/session/checklist.ts';
import type {Journal} from '../../source/engine/session/journal.ts';
import {type Story, stories} from '../../source/engine/session/story.ts';
import {openState} from '../../source/engine/storage/runbook/state-directory.ts';
import {type BuiltBackup, type DatasetOptions, makeBackup, phpHash} from './backups.ts';
import {backup, type Plain, rootWith} from './php-config.ts';
import {node, program} from './program.ts';
import {execute, jsonLines, magds, type Outcome, type RunOptions} from './run.ts';
import {temporaryDirectory} from './temporary.ts';

export const backupId = '20261123_131813';
export const nobody = 65534;

/** What a dataset holds in the backup, and what its live file holds; null where there is none. */
export type Content = {copy: string | Uint8Array; live: string | Uint8Array | null; file?: string};

export const twoContents: Record<string, Content> = {
  tenants: {copy: '{"t":"saved"}\n', live: '{"t":"live, longer"}\n'},
  ledger: {copy: '{"l":"saved"}\n', live: '{"l":"live"}\n'},
};

export type RestorableOptions = {
  contents?: Record<string, Content>;
  /** Over the configuration of `magds.backup`. */
  settings?: {[key: string]: Plain};
  /** The root that the manifest's paths begin with. Default: here. */
  recordedRoot?: string;
  /** Changes what the manifest says of a dataset. */
  dataset?: (options: DatasetOptions) => DatasetOptions;
};

export type Restorable = {
  contents: Record<string, Content>;
  root: string;
  backups: string;
  built: BuiltBackup;
  /** The live file of a dataset. */
  live: (name: string) => string;
  /** What a live file holds; null where it is not there. */
  holds: (name: string) => string | null;
  /** Of our state. */
  state: (...names: string[]) => string;
  command: (...args: string[]) => Promise<Outcome>;
  /** `restore --id` of the backup, confirmed. */
  restore: (...args: string[]) => Promise<Outcome>;
  /** Answers the checklist of a session, then signs it off. */
  close: (session: number, ...args: string[]) => Promise<Outcome>;
  /** The same without `--yes`. */
  ask: (...args: string[]) => Promise<Outcome>;
};

/** A root with a backup as PHP made it, and live files that differ from it. */
export function makeRestorable(options: RestorableOptions = {}): Restorable {
  const {contents = twoContents, settings = {}, recordedRoot = 'here', dataset = (each) => each} = options;
  const entries = Object.entries(contents).map(([name, {file = `${name}.json`, ...rest}]) => ({
    name,
    file,
    ...rest,
  }));
  const datasets = entries.map(({name, file}) => ({name, source: `storage/data/${file}`}));
  const root = rootWith({'config/base/magds.php': backup({datasets, ...settings})});
  const backups = `${root}/storage/backups`;
  fs.mkdirSync(`${root}/storage/data`, {recursive: true});
  for (const {file, live} of entries)
    if (live !== null) fs.writeFileSync(`${root}/storage/data/${file}`, live);
  const built = makeBackup({
    backups,
    id: backupId,
    recordedRoot,
    datasets: entries.map(({name, file, copy}) => dataset({name, file, content: copy})),
  });
  const live = (name: string) => `${root}/storage/data/${contents[name]?.file ?? `${name}.json`}`;
  const command = (...args: string[]) => magds([...args, '--root', root]);
  return {
    contents,
    root,
    backups,
    built,
    live,
    holds: (name) => contentOf(live(name)),
    state: (...names) => path.join(root, 'storage/runbook', ...names),
    command,
    restore: (...args) => command('restore', `--id=${backupId}`, `--yes=${backupId}`, ...args),
    ask: (...args) => command('restore', `--id=${backupId}`, ...args),
    close: (session, ...args) => signOff(root, session, ...args),
  };
}

/** Answers what is open of a session's checklist, then signs it off. */
export async function signOff(root: string, session: number, ...args: string[]): Promise<Outcome> {
  const state = openState(root);
  try {
    const story = stories(state).find(({number}) => number === session);
    for (const {id: step} of openSteps(story?.steps ?? []))
      recordAnswer(state, story as Story, {
        answer: {step, state: 'skipped', machine: false, note: 'a test'},
        output: null,
      });
  } finally {
    state.close();
  }
  return magds(['session', 'close', String(session), `--yes=${session}`, ...args, '--root', root]);
}

export const contentOf = (file: string): string | null =>
  fs.existsSync(file) ? fs.readFileSync(file, 'latin1') : null;

/** The last line of `--json`. */
export const summaryOf = ({stdout}: Outcome): Record<string, unknown> => jsonLines(stdout).at(-1) ?? {};

/** Names beside the live files that are ours. */
export const litter = (root: string): string[] =>
  (fs.readdirSync(`${root}/storage/data`, {recursive: true}) as string[])
    .filter((name) => path.basename(name).includes('.magds-'))
    .toSorted();

/** Names that a restore has saved before it. */
export const savedIds = (root: string): string[] => {
  const safety = `${root}/storage/runbook/safety`;
  return fs.existsSync(safety) ? fs.readdirSync(safety).toSorted() : [];
};

/** Everything but our own state, as bytes, modes and owners. */
export function liveTree(root: string): Record<string, string> {
  const data = `${root}/storage/data`;
  const entries = fs.readdirSync(data, {recursive: true, withFileTypes: true});
  return Object.fromEntries(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      const {mode, uid, gid, ino} = fs.lstatSync(file);
      const bytes = entry.isFile() ? phpHash('sha256', fs.readFileSync(file)) : '';
      return [path.relative(data, file), `${mode.toString(8)} ${uid}:${gid} ${ino} ${bytes}`];
    }),
  );
}

/** The lines of a session's record. */
export const recordOf = (root: string, session: number): {type: string; data: Record<string, unknown>}[] =>
  jsonLines(fs.readFileSync(`${root}/storage/runbook/sessions/${session}/session.jsonl`, 'utf8')) as never;

/** What the evidence of a session says, exported now. */
export async function sessionEvidence(place: Restorable, session: number): Promise<EvidenceSession> {
  const {file} = summaryOf(await place.command('evidence', 'export', `--session=${session}`, '--json'));
  const parsed = parseEvidenceFile(fs.readFileSync(String(file)));
  if (!('record' in parsed) || !parsed.record.session) throw new Error(`${file} is about no session`);
  return parsed.record.session;
}

/** `magds` as the user `nobody`. */
export const asNobody = (args: string[], options: RunOptions = {}): Promise<Outcome> =>
  execute(
    'setpriv',
    [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', node, program, ...args],
    options,
  );

/** Our own settings, which are the only ones that know directories and hooks. */
export function configure(root: string, settings: object): string {
  const file = `${root}/storage/runbook/config.json`;
  fs.mkdirSync(path.dirname(file), {recursive: true, mode: 0o755});
  fs.writeFileSync(file, JSON.stringify({version: 1, ...settings}), {mode: 0o644});
  return file;
}

/**
 * What is on the disk where a restore's process was killed once `tenants` was switched and `ledger` was not: a whole one,
 * whose last steps are taken back by hand. (That it is this is what the sweeps with real kills are for.)
 */
export async function makeHalfway(options: RestorableOptions = {}, ...args: string[]): Promise<Restorable> {
  const place = makeRestorable(options);
  expect(await place.restore(...args)).toMatchObject({code: 0});
  const data = `${place.root}/storage/data`;
  fs.renameSync(place.live('ledger'), `${data}/.ledger.json.magds-1-new`);
  fs.linkSync(`${data}/.ledger.json.magds-1-old`, place.live('ledger'));
  changeJournal(place.state('sessions/1/journal.json'), (journal) => ({...journal, phase: 'commit'}));
  return place;
}

export function changeJournal(file: string, change: (journal: Journal) => Journal): void {
  const journal = JSON.parse(fs.readFileSync(file, 'utf8')) as Journal;
  fs.writeFileSync(file, JSON.stringify(change(journal)));
}

/**
 * An environment in which this bash runs in the very moment in which the attributes of a live file are copied to what is
 * staged: the live files are saved by then, and none has its second name yet.
 */
export function whileCopying(script: string): Record<string, string> {
  const tools = temporaryDirectory();
  fs.writeFileSync(`${tools}/cp`, `#!/bin/bash\n${script}\nexec /bin/cp "$@"\n`, {mode: 0o755});
  return {PATH: `${tools}:${process.env['PATH']}`};
}

/** A restore that waits in a hook before it until it is let go. */
export function makeWaiting() {
  const gate = temporaryDirectory();
  const place = makeRestorable();
  const script = `touch ${gate}/begun; until [ -e ${gate}/go ] || [ ! -d ${gate} ]; do sleep 0.05; done`;
  configure(place.root, {hooks: {before_restore: [['bash', '-c', script]]}});
  const patience = {timeout: 15_000};
  return {
    ...place,
    args: ['restore', `--id=${backupId}`, `--yes=${backupId}`, '--root', place.root],
    begun: () => vi.waitFor(() => expect(fs.existsSync(`${gate}/begun`)).toBe(true), patience),
    letGo: () => fs.writeFileSync(`${gate}/go`, ''),
    over: () =>
      vi.waitFor(
        () =>
          expect(recordOf(place.root, 1).at(-1)).toMatchObject({type: 'finished', data: {outcome: 'done'}}),
        patience,
      ),
  };
}
