import fs from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {makeCatalog} from '../support/six-backups.ts';
import {openSlowLink} from '../support/slow-link.ts';
import {canServe, openSshServer, type SshServer} from '../support/ssh-server.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {eventually, isAlive, openTerminal, type Session} from '../support/terminal.ts';
import {
  confirming,
  good,
  makePlace,
  nothingChosen,
  restored,
  spoilt,
  starting,
  typing,
  waitingHook,
} from '../support/walking.ts';

describe.skipIf(!canServe)('over real SSH', () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await openSshServer();
  });
  afterAll(() => server.close());

  /** The app behind a log-in. @returns with it, the process of the program there, once it is listed */
  async function connect(root: string, size: {columns: number; rows: number}, port?: number) {
    const pidFile = `${temporaryDirectory()}/pid`;
    const session = await openTerminal([], {
      ...size,
      shell: `exec ${server.login(port)} "echo \\$\\$ > ${pidFile}; exec env MAGDS_OPERATOR=Amira $MAGDS --root ${root}"`,
    });
    await session.waitFor(/^ magds > Backups .*DEVELOPMENT/);
    return {...session, program: Number(fs.readFileSync(pidFile, 'utf8'))};
  }

  const isGone = (program: number): Promise<boolean> => eventually(() => !isAlive(program));

  /** Kills the client where it is then. The program ends with it. */
  async function killed(root: string, at: (session: Session) => Promise<unknown>): Promise<void> {
    const {program, ...session} = await connect(root, {columns: 80, rows: 24});
    await session.waitForSelected(good);
    await at(session);
    session.pty.kill('SIGKILL');
    expect(await isGone(program)).toBe(true);
  }

  const onScreen =
    (...steps: [keys: string, seen: RegExp][]) =>
    async ({keys, waitFor}: Session): Promise<void> => {
      for (const [typed, seen] of steps) {
        keys(typed);
        await waitFor(seen);
      }
    };

  test('windows, arrows that come in pieces, and a client that is killed', async () => {
    const {root, ids} = makeCatalog();
    const session = await connect(root, {columns: 100, rows: 30});
    await session.waitForSelected(ids[0] as string);
    const [before = ''] = session.screen();
    session.resize(80, 24);
    await session.waitFor((lines) => lines.length === 24 && /q quit/.test(lines[23] ?? ''));
    expect(session.screen()[0]).not.toBe(before);
    for (const piece of key.down) {
      session.keys(piece);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await session.waitForSelected(ids[1] as string);
    // A terminal answers a question that somebody else has asked.
    session.keys('\u001b]11;rgb:ffff/ffff/ffff\u0007');
    session.keys('j');
    await session.waitForSelected(ids[2] as string);
    expect(session.screen()[0]).toMatch(/^ magds > Backups /);
    expect(isAlive(session.program)).toBe(true);
    session.pty.kill('SIGKILL');
    expect(await isGone(session.program)).toBe(true);
  });

  test('the client is killed on each screen: nothing is left, a restore goes on, and the first line says how it ended', async () => {
    const {root, live} = makePlace();
    await Promise.all([
      killed(root, onScreen([key.enter, /> Differences/])),
      killed(root, onScreen(['b', /> Back up/])),
      killed(root, onScreen(['v', /\+ PASSED/])),
      killed(root, onScreen(['r', /What is it for\?/])),
      killed(root, async (session) => {
        await confirming(session);
        await typing(session, good.slice(0, 12));
      }),
    ]);
    expect(live()).toEqual(spoilt);
    expect(fs.existsSync(`${root}/storage/runbook/sessions`)).toBe(false);

    const letGo = waitingHook(root);
    await killed(root, async (session) => {
      await starting(session);
      await session.waitFor(/- hook: bash/);
    });
    expect(live()).toEqual(spoilt);
    letGo();
    const said = /RESTORED \d\d:\d\d:\d\dZ: .*Session 1,\s1 of 4( answered)?: {2}a goes on/;
    await killed(root, (session) => session.waitFor(said));
    expect(live()).toEqual(restored);
    const atChecklist = async (session: Session): Promise<void> => {
      await session.waitFor(said);
      session.keys('a');
      await session.waitFor(/NOT SIGNED OFF: 1 of 4/);
    };
    await Promise.all([
      killed(root, atChecklist),
      killed(root, async (session) => {
        await atChecklist(session);
        await onScreen([`j${key.enter}`, /PREVIEW, NOT WRITTEN/])(session);
      }),
    ]);
  }, 180_000);

  /** One connection for each: only where every point is asked for. */
  test.runIf(process.env['MAGDS_FULL_SWEEP'] === '1')(
    'the client is killed on every other screen: nothing is left, and nothing was written',
    async () => {
      const {root, live} = makePlace();
      const toDifferences: [string, RegExp] = [key.enter, /differs?$/m];
      const toPlan: [string, RegExp][] = [
        ['r', /What is it for\?/],
        [key.enter, nothingChosen],
      ];
      const ways: [string, RegExp][][] = [
        [['/night', /Filter: night_/]],
        [['t', /Bad since when/]],
        [['h', /Why hold/]],
        [[':', /> Menu/]],
        [['?', /Keys and marks/]],
        [['\u0014', /TO BE READ OUT/]],
        [['c', /SETTING/]],
        [['A', /> Activity/]],
        [['s', /OPENED/]],
        [['P', /> Prune/]],
        [['m', /> Manifest/]],
        [
          ['m', /> Manifest/],
          [key.tab, /"id"/],
        ],
        [toDifferences, [key.enter, /> Dataset/]],
        [toDifferences, ['w', /> Compare with/]],
        [toDifferences, ['x', /out to the new file/]],
        toPlan,
        [...toPlan, ['s', /THIS STOPS NOTHING/]],
        [...toPlan, ['T', /Ticket \(optional\)/]],
      ];
      for (const steps of ways) await killed(root, onScreen(...steps));
      expect(live()).toEqual(spoilt);
      expect(fs.existsSync(`${root}/storage/runbook/sessions`)).toBe(false);

      await killed(root, async (session) => {
        await starting(session);
        await session.waitFor(/\+ RESTORED/);
      });
      const toChecklist: [string, RegExp] = ['a', /NOT SIGNED OFF: \d of 4/];
      const then: [string, RegExp][][] = [
        [toChecklist, ['w', /When was it noticed/]],
        [toChecklist, ['Gd', /A note \(optional\)/]],
        [toChecklist, ['l', /Record of session 1/]],
        [toChecklist, ['u', /Enter goes on with/]],
        [toChecklist, ['C', /still open/]],
        [
          ['s', /OPENED/],
          [key.enter, /Record of session 1/],
        ],
      ];
      for (const steps of then) await killed(root, onScreen(...steps));
      expect(live()).toEqual(restored);
    },
    600_000,
  );

  test('an incident over a link of 200 ms that is cut twice: each time one goes on where one was', async () => {
    const {root, live} = makePlace();
    const link = await openSlowLink(server.port, 200);
    const at = {columns: 80, rows: 24};
    const first = await connect(root, at, link.port);
    await first.waitForSelected(good);
    first.keys('t');
    await first.waitFor(/Bad since when/);
    first.keys(`2026-01-04 04:00${key.enter}`);
    await first.waitFor(/bad since 01-04 04:00Z \(/);
    first.keys('r');
    await first.waitFor(/What is it for\?/);
    first.keys(`INC-2231${key.enter}`);
    await first.waitFor(/YOU LOSE +nothing yet/);
    link.cut();
    expect(await isGone(first.program)).toBe(true);
    expect(live()).toEqual(spoilt);

    const second = await connect(root, at, link.port);
    await second.waitFor(new RegExp(`bad since 01-04 04:00Z[\\s\\S]*> ${good} `));
    second.keys('r');
    await second.waitFor(/What is it for\?[\s\S]*INC-2231/);
    second.keys(key.escape);
    await second.waitFor(/^ magds > Backups +(?!>)/);
    await starting(second);
    await second.waitFor(/\+ RESTORED/);
    link.cut();
    expect(await isGone(second.program)).toBe(true);
    expect(live()).toEqual(restored);

    const third = await connect(root, at, link.port);
    await third.waitFor(/RESTORED \d\d:\d\d:\d\dZ: tenants, ledger/);
    third.keys('a');
    await third.waitFor(/NOT SIGNED OFF: 1 of 4/);
    expect(third.screen()).toHaveLength(24);
    expect(third.screen()[0]).toMatch(/^ magds > .*Z$/);
  }, 180_000);
});
