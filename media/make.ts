import fs from 'node:fs';
import {at, makePlace, shownRoot, stopHalfway} from './place.ts';
import {steadied} from './steady.ts';
import {environment, Still} from './still.ts';
import {type Frame, movingSvg, svg} from './svg.ts';

/**
 * `npm run media`: stills of the main screens, and one moving picture, from the built program in a real pseudo-terminal on a demonstration.
 * The stage (`stage.ts`) holds the clock and the machine still; what is measured, and so differs each time, is given
 * the same words each time (`steady.ts`).
 */
const good = '20261122_180003_pre-release';

function save(still: Still, name: string, title: string, root: string): void {
  const rows = still.cells().map((cells) => steadied(cells, root, shownRoot));
  fs.writeFileSync(`media/${name}.svg`, svg(rows, title));
}

async function withRoot(work: (root: string) => Promise<void>): Promise<void> {
  const root = makePlace();
  try {
    await work(root);
  } finally {
    fs.rmSync(root, {recursive: true, force: true});
  }
}

async function withApp(root: string, time: string, work: (still: Still) => Promise<void>): Promise<void> {
  const still = new Still(['--root', root], environment(at(time)));
  try {
    await work(still);
  } finally {
    still.close();
  }
}

async function toGood(still: Still): Promise<void> {
  await still.wait(/PRODUCTION[\s\S]*live has changed/);
  await still.press('jj', new RegExp(`^ > ${good}[\\s\\S]*unaltered, not correct`, 'm'));
}

async function walk(root: string): Promise<void> {
  await withApp(root, '03:04:10', async (still) => {
    await toGood(still);
    save(still, 'backups', 'Backups: which are whole, verified, damaged or cut off', root);
    await still.press('jj', /^ > 20261122_020003/m);
    await still.press('v', /FAILED[\s\S]*Recorded/);
    save(still, 'verify', 'Verify: a copy that is not what the manifest recorded', root);
  });
  await withApp(root, '03:06:20', async (still) => {
    await toGood(still);
    await still.press('r', /What is it for\?/);
    await still.type('INC-4711', /ticket +INC-4711_/);
    await still.press('\r', /NOTHING CHANGED YET[\s\S]*\d rows/);
    await still.press('a', /\[\*\] ledger[\s\S]*Enter go/);
    save(still, 'plan', 'Restore plan: what happens to each live file, and what is lost', root);
    await still.press('\r', /LAST STEP BEFORE FILES CHANGE/);
    await still.type(good.slice(0, 13), /13 of 27, right so far/);
    save(still, 'type', 'Typed confirmation: the id of the backup, before files change', root);
    await still.type(good, /27 of 27: Enter restores/);
    await still.press('\r', /\+ RESTORED/);
  });
  await withApp(root, '03:11:30', async (still) => {
    await still.wait(/PRODUCTION[\s\S]*RESTORED/);
    await still.press('a', /1 of 4/);
    await still.press('\r', /2 of 4[\s\S]*^ > - 3/m);
    save(still, 'checklist', 'Checklist: what was restored, and what is left to answer', root);
  });
  await withApp(root, '03:12:10', async (still) => {
    await still.wait(/PRODUCTION[\s\S]*RESTORED/);
    await still.press('A', /restore\.completed[\s\S]*verify_failed/);
    save(still, 'activity', 'Activity: what happened here, newest first, from the audit log', root);
  });
}

async function stopped(root: string): Promise<void> {
  stopHalfway(root, good);
  await withApp(root, '03:21:40', async (still) => {
    await still.wait(/STOPPED HALFWAY[\s\S]*mixed/);
    await still.type('fin');
    save(still, 'stopped', 'A restore that stopped halfway: what is new, what is old, and the choice', root);
  });
}

/** From the list to the dataset that is back, as an operator goes who has been told since when things are bad. */
async function found(root: string): Promise<void> {
  const frames: Frame[] = [];
  await withApp(root, '03:04:10', async (still) => {
    const keep = (seconds: number): void => {
      frames.push({rows: still.cells().map((cells) => steadied(cells, root, shownRoot)), seconds});
    };
    const press = async (keys: string, until: RegExp, seconds: number): Promise<void> => {
      await still.press(keys, until);
      keep(seconds);
    };
    await press('', /PRODUCTION[\s\S]*\+ 1 =/, 2.5);
    await press('t', /Bad since when/, 1);
    await press('01:', /\? 01:_/, 0.4);
    await press('30', /\? 01:30_/, 0.8);
    await press('\r', new RegExp(`^ > ${good}[\\s\\S]*unaltered, not correct`, 'm'), 3.5);
    await press('\r', /! 3 of 4 differ/, 1.5);
    await press('jj', /^ > ledger[\s\S]*1440 rows/m, 2.5);
    await press('\r', /> accounts[\s\S]*1440 differ/, 2);
    await press('\r', /balance \d+ -> /, 3);
    await press('\u001b', /> accounts/, 0.5);
    await press('\u001b', /^ > ledger/m, 0.5);
    await press('\u001b', /^ magds > Backups +(?!>)/, 0.8);
    await press('r', /What is it for\?/, 1);
    await still.type('INC-4711', /ticket +INC-4711_/);
    keep(1);
    await press('\r', /NOTHING CHANGED YET[\s\S]*\d rows[\s\S]*IF CHOSEN/, 2);
    await press('jj', /^ > \[ \] ledger/m, 0.6);
    await press(' ', /\[\*\] ledger[\s\S]*Enter goes on with ledger/, 3);
    await press('\r', /LAST STEP BEFORE FILES CHANGE/, 2);
    for (const length of [8, 15, 21]) {
      await still.type(good.slice(0, length));
      keep(0.4);
    }
    await still.type(good, /27 of 27: Enter restores/);
    keep(1.2);
    await press('\r', /\+ RESTORED/, 2.5);
    await press('\r', /NOT SIGNED OFF: 1 of 4/, 4);
  });
  fs.writeFileSync(
    'media/restore.svg',
    movingSvg(
      frames,
      'A dataset is found and restored: bad since, what differs, the plan, the typed id, the checklist',
    ),
  );
}

await withRoot(walk);
await withRoot(found);
await withRoot(stopped);
