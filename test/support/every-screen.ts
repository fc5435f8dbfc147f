import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {at, makePlace, shownRoot, stopHalfway} from '../../media/place.ts';
import {steadied} from '../../media/steady.ts';
import {environment, Still, type Wanted} from '../../media/still.ts';
import type {Size} from '../../source/terminal/size.ts';
import {key} from './key-codes.ts';

const good = '20261122_180003_pre-release';
const narrowGood = /^ > 20261122_180003/m;

/** Milliseconds without a change after which a screen is as it stays. */
const quiet = 120;

/** What each screen shows, by its name. */
type Seen = Map<string, string[]>;

/** What is another one each time: hashes of what is, ids, what a program is called by the kernel, and whether there is a rate. */
const masked = (line: string): string =>
  line
    .replace(/ +[\d.]+ [kMG]?B\/s( +in [\d.]+ m?s)/, (all, rest: string) => rest.padEnd(all.length))
    .replace(
      /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
      '12345678-1234-1234-1234-123456789012',
    )
    .replace(/(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{10,}(?![0-9a-z_])/g, (hash) => hash.replace(/./g, '0'))
    .replace(/\/dev\/pts\/\d+([^|]*)/, (all, rest: string) => `/dev/pts/0${rest}`.padEnd(all.length))
    .replace(/~\w(?=\/storage)/, '~e');

function openAt(root: string, time: string, size: Size, seen: Seen) {
  const still = new Still(['--root', root], environment(at(time)), size);
  return {
    still,
    /** Presses keys, and keeps what is seen then, under this name. */
    async see(name: string, keys: string, until: Wanted): Promise<void> {
      await still.settle(keys, until, quiet);
      const lines = still
        .cells()
        .map((cells) => steadied(cells, root, shownRoot))
        .map((cells) =>
          masked(`|${cells.map(({text, width}) => (width === 0 ? '' : text || ' ')).join('')}|`),
        );
      seen.set(name, lines);
    },
  };
}

/** The list with all that is read of it beside: which copies the live files hold. */
const listed = ({columns}: Size): RegExp =>
  columns < 76 ? /PRODUCTION[\s\S]*\+ 7 =[\s\S]*tenants .*(same as|live has)/ : /PRODUCTION[\s\S]*\+ 1 =/;

async function browse(root: string, size: Size, seen: Seen): Promise<void> {
  const {still, see} = openAt(root, '03:04:10', size, seen);
  const go = (keys: string, until: Wanted) => still.settle(keys, until, quiet);
  const back = (until: Wanted = /^ magds > Backups +(?!>)/) => go(key.escape, until);
  try {
    await see('backups', '', listed(size));
    await see('filter', '/night', /Filter: night_/);
    await back(/^ > 2/m);
    await see('bad-since-asked', 't', /Bad since when/);
    await see('bad-since', `01:30${key.enter}`, /-- 20261122_180003_pre-release -[\s\S]*Newer/);
    await see('menu', ':', /^ magds > .*Menu/);
    await back(/^ > 2/m);
    await see('help', '?', /Keys and marks/);
    await back();
    await see('status', '\u0014', /TO BE READ OUT/);
    await back();
    await see('configuration', 'c', /SETTING/);
    await back();
    await see('activity-none', 'A', /There is no audit log/);
    await back();
    await see('sessions-none', 's', /OPENED/);
    await back();
    await see('prune', 'P', /^ magds > .*Prune/);
    await back();
    await see('back-up', 'b', /SPACE/);
    await back();
    await go('g', /^ > 20261123/m);
    await go('jj', narrowGood);
    await see('manifest', 'm', /> kernel_state/);
    await see('manifest-raw', key.tab, /"id"/);
    await back();
    await see('differences', key.enter, /! 3 of 4 differ[\s\S]*! \d+ entr/);
    await see('differences-counted', 'jj', /^ > ledger[\s\S]*rows|accounts/m);
    await see('tables', key.enter, /> accounts[\s\S]*differ/);
    await see('rows', key.enter, /balance \d+ -> /);
    await back(/> accounts/);
    await back(/> ledger/);
    await see('other-sides', 'w', /with-archive +14h/);
    await back(/^ > ledger/m);
    await back();
    await go('jjj', /^ > 20261121_020003/m);
    await see('verify-failed', 'v', /FAILED[\s\S]*(media_index parses|can be read)[\s\S]*v verify again/);
    await back();
    await see('activity', 'A', /verify_failed/);
    await see('event', key.enter, /lines 1-/);
    await back(/verify_failed/);
    await back();
    await go('G', /^ > 20261115/m);
    await go('/interrupted', /Filter: interrupted_/);
    await go(key.enter, /interrupted/);
    await see('files', key.enter, /parses as JSON[\s\S]*parses as JSON/);
    await back();
  } finally {
    still.close();
  }
}

async function restore(root: string, size: Size, seen: Seen): Promise<void> {
  const {still, see} = openAt(root, '03:06:20', size, seen);
  try {
    await still.settle('', listed(size), quiet);
    await still.settle('', narrowGood, quiet);
    await see('purpose', 'r', /What is it for\?/);
    await still.type('INC-4711', /ticket +INC-4711_/);
    await see('plan', key.enter, /NOTHING CHANGED YET[\s\S]*\d rows/);
    await see('plan-service', 's', /^(?![\s\S]*Looking at)[\s\S]*THIS STOPS NOTHING[\s\S]*r look again/);
    await still.settle(key.escape, /NOTHING CHANGED YET/, quiet);
    await see('plan-chosen', 'a', /\[\*\] [\s\S]*Enter go/);
    await still.settle(key.enter, /LAST STEP BEFORE FILES CHANGE/, quiet);
    await still.type(good.slice(0, 13), /13 of 27, right so far/);
    await see('typing', '', /13 of 27, right so far/);
    await still.type(good, /27 of 27: Enter restores/);
    await see('restored', key.enter, /\+ RESTORED/);
    await see('checklist', key.enter, size.rows > 16 ? /as restored/ : /NOT SIGNED OFF: 1 of 4/);
  } finally {
    still.close();
  }
}

async function signOff(root: string, size: Size, seen: Seen): Promise<void> {
  const {still, see} = openAt(root, '03:11:30', size, seen);
  try {
    await see(
      'back-again',
      '',
      size.columns < 76 ? /PRODUCTION[\s\S]*\+ 4 \* =/ : /PRODUCTION[\s\S]*\+ 1 \* =/,
    );
    await still.settle('a', size.rows > 16 ? /as restored/ : /NOT SIGNED OFF/, quiet);
    await see('checklist-times', 'w', /When was it noticed/);
    await still.settle(key.escape, /1 of 4/, quiet);
    await still.settle(key.enter, /2 of 4/, quiet);
    await see('checklist-note', 'Gd', /A note \(optional\)/);
    await see('checklist-when', `seen by amira${key.enter}`, /When was it back/);
    await still.settle(key.enter, /3 of 4/, quiet);
    await see('evidence', key.enter, /PREVIEW, NOT WRITTEN/);
    await see('evidence-written', 'x', /\+ WRITTEN/);
    await see('checklist-answered', key.escape, /All are answered/);
    await see('sign-off', 'C', / keep +the safety/);
    await still.type('1');
    await see('signed-off', key.enter, /> a signature/);
    await still.settle(key.escape, /SIGNED OFF/, quiet);
    await see('undo-plan', 'u', /Enter goes on/);
    await still.settle(key.escape, /SIGNED OFF/, quiet);
    await still.settle(key.escape, /^ magds > Backups +(?!>)/, quiet);
    await see('sessions', 's', /OPENED/);
  } finally {
    still.close();
  }
}

async function stopped(root: string, size: Size, seen: Seen): Promise<void> {
  const {still, see} = openAt(root, '03:21:40', size, seen);
  try {
    await see('stopped', '', /STOPPED HALFWAY[\s\S]*mixed/);
  } finally {
    still.close();
  }
}

/** In a terminal of this size. @returns what each screen shows, by its name */
async function showIn(size: Size): Promise<Seen> {
  const seen: Seen = new Map();
  const root = makePlace();
  const [kept, used] = [`${root}-kept`, `${root}-used`];
  try {
    // What a demonstration holds names its path: a copy of it is one only there.
    execFileSync('cp', ['-a', root, kept]);
    await browse(root, size, seen);
    await restore(root, size, seen);
    await signOff(root, size, seen);
    fs.renameSync(root, used);
    fs.renameSync(kept, root);
    stopHalfway(root, good);
    await stopped(root, size, seen);
  } finally {
    for (const each of [root, kept, used]) fs.rmSync(each, {recursive: true, force: true});
  }
  return seen;
}

/**
 * The demonstration walked through in terminals of these sizes, from the list to the signed-off session. The stage of the
 * pictures (`media/stage.ts`) holds clock and machine still.
 * @returns a text for each screen, size after size
 */
export async function showEveryScreen(sizes: Size[]): Promise<Map<string, string>> {
  const all = await Promise.all(sizes.map(showIn));
  const texts = new Map<string, string>();
  for (const [index, {columns, rows}] of sizes.entries())
    for (const [name, lines] of all[index] ?? [])
      texts.set(name, `${texts.get(name) ?? ''}${columns}x${rows}\n${lines.join('\n')}\n\n`);
  return texts;
}
