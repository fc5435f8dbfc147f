import {against, inTurn, minimal, openPty, program, report, scratch} from './support.ts';
import {manyBackups} from './trees.ts';

/** From the start of the process until the first frame, with its visible rows, has reached the terminal. */
async function firstFrame(args: string[], mark: string): Promise<number> {
  const session = openPty(args, {cols: 100, rows: 30});
  const milliseconds = await session.until(mark);
  await session.end();
  return milliseconds;
}

export async function benchStart(runs: number, large: string): Promise<void> {
  const small = scratch('small');
  manyBackups(small, 10, Math.floor(Date.now() / 1000));
  // In the details, below the rows; a frame reaches the terminal in one piece.
  const mark = '? unchecked';
  const times = await inTurn(runs, {
    minimal: () => firstFrame([minimal], 'minimal is ready'),
    ten: () => firstFrame([program, '--root', small], mark),
    many: () => firstFrame([program, '--root', large], mark),
  });
  const t = (name: string) => times[name] ?? Number.NaN;
  report('First frame in a pseudo-terminal, rows included', [
    `minimal Ink program ${t('minimal').toFixed(0)} ms, 10 backups ${t('ten').toFixed(0)} ms, 10,000 backups ${t('many').toFixed(0)} ms`,
    against('10 backups', t('ten') / t('minimal'), 1.3, 'at most', ' times'),
    against('10,000 backups', t('many') / t('minimal'), 1.3, 'at most', ' times'),
  ]);
}
