import fc from 'fast-check';
import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import type {AppAction} from '../../source/ui/state.ts';
import {key} from '../support/key-codes.ts';
import {configured} from '../support/run-states.ts';
import {aStory, sessionsRead, stoppedFound} from '../support/session-states.ts';
import {drawn, showApp} from '../support/shown-app.ts';
import {aDataset, anApp, aRow, idAt, verification} from '../support/states.ts';

beforeAll(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']});
});
afterAll(() => {
  vi.useRealTimers();
});

const rows = [
  aRow(idAt(1, 'nightly'), {datasets: [aDataset('ledger'), aDataset('Größe'), aDataset('帳簿🧾')]}),
  aRow(idAt(2, '備份'), {verification: verification('failed')}),
  ...Array.from({length: 30}, (_, index) => aRow(idAt(index + 3, `nightly${index}`))),
];

const sizes = [
  {columns: 80, rows: 24},
  {columns: 90, rows: 24},
  {columns: 60, rows: 16},
  {columns: 40, rows: 8},
  {columns: 120, rows: 40},
];

const events: AppAction[] = [
  configured(),
  {type: 'minute passed', now: 60_000},
  {type: 'said', message: {text: `帳簿 is ${'very '.repeat(40)}long`, tone: 'bad'}},
  sessionsRead(aStory()),
  stoppedFound(),
];

type Step =
  | {type: 'keys'; text: string}
  | {type: 'event'; action: AppAction}
  | {type: 'foreign'; text: string}
  /** `told`: whether the program hears of it before the next step. */
  | {type: 'resized'; size: (typeof sizes)[number]; told: boolean}
  | {type: 'suspended'; size: (typeof sizes)[number]}
  | {type: 'drawn'};

const size = fc.constantFrom(...sizes);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .constantFrom(
      ...[...'jkgGm?:/xvrtsSbPyn ', '\u0014', '\u0015'],
      ...[key.down, key.up, key.pageDown, key.end, key.enter, key.escape, key.paste('a'), key.down.repeat(9)],
    )
    .map((text) => ({type: 'keys' as const, text})),
  fc.constantFrom(...events).map((action) => ({type: 'event' as const, action})),
  fc
    .constantFrom(
      '\r\nBroadcast message\r\n'.repeat(30),
      'x'.repeat(3000),
      '\u001b[2;5r',
      '\u001b[4h',
      '\u001b[31m',
    )
    .map((text) => ({type: 'foreign' as const, text})),
  fc.constantFrom('\u001b[2J', '\u001b[?1049l', '\u001b(0', '帳').map((text) => ({
    type: 'foreign' as const,
    text,
  })),
  fc.record({type: fc.constant('resized' as const), size, told: fc.boolean()}),
  size.map((each) => ({type: 'suspended' as const, size: each})),
  fc.constant({type: 'drawn' as const}),
);

/** `REPAINT_RUNS=2000` looks longer. */
const numRuns = Number(process.env['REPAINT_RUNS'] ?? 60);

test('whatever happened, after Ctrl+L the terminal shows what it would show if it were opened now', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, {maxLength: 14}), size, async (steps, first) => {
      const app = showApp(anApp(rows, {size: first}));
      await drawn();
      for (const each of steps) {
        if (each.type === 'keys') app.keys(each.text);
        else if (each.type === 'event') app.store.dispatch(each.action);
        else if (each.type === 'foreign') app.foreign(each.text);
        else if (each.type === 'drawn') await drawn();
        else if (each.type === 'resized') {
          app.resize(each.size);
          if (each.told) app.resized();
        } else
          await app.suspended(() => {
            app.foreign('$ make\r\nbuilt\r\n');
            app.resize(each.size);
          });
      }
      app.resized();
      await drawn();
      app.keys('\u000c');
      await drawn();
      const opened = showApp(app.store.get());
      await drawn();
      const shown = app.cells();
      const wanted = opened.cells();
      const {type} = app.terminal.buffer.active;
      opened.close();
      app.close();
      expect(shown).toEqual(wanted);
      expect(type).toBe('alternate');
    }),
    {numRuns},
  );
}, 3_600_000);
