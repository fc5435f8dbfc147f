import {expect, test} from 'vitest';
import {showEveryScreen} from '../support/every-screen.ts';
// It is built if it has to be.
import '../support/program.ts';

/** As files that one reads in a diff: `npx vitest run test/pty/screens.test.ts -u` writes them anew. */
test('every screen, from the smallest terminal to a large one', async () => {
  const texts = await showEveryScreen([
    {columns: 60, rows: 16},
    {columns: 80, rows: 24},
    {columns: 100, rows: 30},
    {columns: 200, rows: 60},
  ]);
  for (const [name, text] of texts) await expect.soft(text).toMatchFileSnapshot(`screens/${name}.txt`);
}, 600_000);
