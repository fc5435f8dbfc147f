import fs from 'node:fs';
import {expect} from 'vitest';
import {makeBackup, makeRoot} from './backups.ts';
import {key} from './key-codes.ts';
import {backup, phpFile} from './php-config.ts';
import {configure} from './restores.ts';
import {eventually, openTerminal, type Session, type TerminalOptions} from './terminal.ts';

/** The backup of before. */
export const good = '20260104_010000_nightly';
const names = ['tenants', 'ledger'] as const;

/** Nobody writes to it: a live file that is fresh holds a restore up. */
export function setOld(file: string): void {
  const hourAgo = Date.now() / 1000 - 3600;
  fs.utimesSync(file, hourAgo, hourAgo);
}

/** A root with two live files that somebody has spoilt, and a backup of before. */
export function makePlace() {
  const {root, backups} = makeRoot();
  const datasets = names.map((name) => ({name, source: `storage/data/${name}.json`}));
  fs.mkdirSync(`${root}/storage/data`);
  for (const {source} of datasets) {
    fs.writeFileSync(`${root}/${source}`, 'spoilt');
    setOld(`${root}/${source}`);
  }
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  fs.writeFileSync(`${root}/config/base/magds.php`, phpFile(backup({datasets})));
  makeBackup({
    backups,
    id: good,
    recordedRoot: 'here',
    datasets: names.map((name) => ({name, content: `good ${name}`})),
  });
  const live = (): string[] =>
    names.map((name) => fs.readFileSync(`${root}/storage/data/${name}.json`, 'utf8'));
  return {root, live};
}

export const restored = ['good tenants', 'good ledger'];
export const spoilt = ['spoilt', 'spoilt'];

/** The app on a place, listening, its configuration known. */
export async function opened(
  root: string,
  args: string[] = [],
  options: TerminalOptions = {},
): Promise<Session> {
  const session = await openTerminal(['--root', root, ...args], options);
  // A narrow list cuts the label.
  await session.waitForSelected(good.slice(0, 15));
  await session.waitFor(/^ magds > Backups .*DEVELOPMENT/);
  return session;
}

/** Types this until it is taken: what comes before the screen has been there for a moment is dropped. */
export async function typing({keys, screen}: Session, text: string): Promise<void> {
  const isTyped = () => screen().some((line) => line === `   > ${text}_`);
  const taken = await eventually(() => {
    if (!isTyped()) keys(`\u0015${text}`);
    return isTyped();
  });
  expect(taken).toBe(true);
}

/** The plan is made, and nothing of it chosen. */
export const nothingChosen = /YOU LOSE +nothing yet: Space chooses/;
/** It is made, and `Enter` leads to the last step. */
export const goesOn = /Enter goes on with .*: the id is typed/;

/** From the list to the plan; what it is for stays empty, and all of it is chosen. */
export async function planning({keys, waitFor}: Session, seen = goesOn): Promise<void> {
  keys('r');
  await waitFor(/What is it for\?/);
  keys(key.enter);
  await waitFor(nothingChosen);
  keys('a');
  await waitFor(seen);
}

/** From the list to the last step before files change, listening, nothing typed yet. */
export async function confirming(session: Session): Promise<void> {
  await planning(session, /unaltered, just hashed[\s\S]*Enter goes on with .*: the id is typed/);
  await goingOn(session);
}

/**
 * The same from the plan: one that is made anew looks as it did until it is there, and that Enter came too early is told
 * for a moment only.
 */
export async function goingOn(session: Session): Promise<void> {
  const {keys, screen, waitFor} = session;
  const isAsked = (): boolean => screen().some((line) => line.includes('LAST STEP BEFORE FILES CHANGE'));
  let pressed = Number.NEGATIVE_INFINITY;
  await eventually(() => {
    const now = performance.now();
    if (!isAsked() && now - pressed > 200) {
      keys(key.enter);
      pressed = now;
    }
    return isAsked();
  });
  await waitFor(/LAST STEP BEFORE FILES CHANGE/);
  await typing(session, '2');
  keys('\u0015');
  await waitFor(/^ {3}> _$/m);
}

/** Starts the restore, its id typed. */
export async function starting(session: Session): Promise<void> {
  await confirming(session);
  session.keys(good);
  await session.waitFor(/23 of 23: Enter restores/);
  session.keys(key.enter);
}

/** A restore of this root waits in a hook before it. @returns what lets it go on */
export function waitingHook(root: string): () => void {
  const go = `${root}/go`;
  const hook = [
    'bash',
    '-c',
    `until test -e ${go} || ! test -d ${root}; do read -t 0.05 < <(:) || true; done`,
  ];
  configure(root, {hooks: {before_restore: [hook]}});
  return () => fs.writeFileSync(go, '');
}
