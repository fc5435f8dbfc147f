import {against, openPty, program, report, residentMb, type Session} from './support.ts';

/** Milliseconds without output after which a step counts as drawn; longer than the detail takes to follow. */
const settled = 600;

async function cost(session: Session, keys: string, milliseconds: number): Promise<number> {
  const before = session.bytes();
  session.write(keys);
  await session.quiet(milliseconds);
  return session.bytes() - before;
}

/** What browsing 10,000 backups writes to the terminal, and holds in memory. */
export async function benchBrowse(root: string, idleSeconds: number): Promise<void> {
  const session = openPty([program, '--root', root], {cols: 100, rows: 30});
  await session.until('? unchecked');
  await session.quiet(3000);
  const inside = [];
  // Before the detail follows (it waits for the cursor to rest): the move itself.
  for (let step = 0; step < 5; step++) {
    inside.push(await cost(session, 'j', 90));
    await session.quiet(settled);
  }
  const withDetail = [];
  for (let step = 0; step < 5; step++) withDetail.push(await cost(session, 'k', settled));
  for (let step = 0; step < 20; step++) await cost(session, 'j', 90);
  await session.quiet(settled);
  const scrolled = [];
  for (let step = 0; step < 40; step++) {
    scrolled.push(await cost(session, 'j', 90));
    await session.quiet(settled);
  }
  await session.quiet(2000);
  const before = session.bytes();
  await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
  const idle = session.bytes() - before;
  const memory = residentMb(session.pid);
  await session.end();
  report('Browsing 10,000 backups at 100x30', [
    against('a move inside the window', Math.max(...inside), 400, 'at most', ' bytes'),
    against('the same, with the details that follow', Math.max(...withDetail), 2000, 'at most', ' bytes'),
    against('a move that scrolls', Math.max(...scrolled), 2000, 'at most', ' bytes'),
    against(
      `an idle screen, a minute (over ${idleSeconds} s)`,
      (idle * 60) / idleSeconds,
      100,
      'at most',
      ' bytes',
    ),
    against('resident memory', memory, 150, 'at most', ' MB'),
  ]);
}
