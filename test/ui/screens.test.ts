import fs from 'node:fs';
import {expect, test} from 'vitest';
import {screens} from '../../source/ui/screens.ts';

const folder = 'source/ui/screens';

test('every screen that is defined has its line', () => {
  const files = fs
    .readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter((name) => /(?:^|\/)index\.tsx?$|^\w+\.tsx?$/.test(name));
  // Such a file exports nothing else.
  const defined = files.flatMap((name) =>
    [...fs.readFileSync(`${folder}/${name}`, 'utf8').matchAll(/^export (?:const|function) (\w+)/gm)].map(
      ([, screen]) => screen,
    ),
  );
  expect(defined.toSorted(), 'a screen has no line in screens.ts, or an index exports what is none').toEqual(
    Object.keys(screens).toSorted(),
  );
});

test('a screen is found by what opens it: the name of its slice leads to one that shows the slice', () => {
  for (const [name, {slice}] of Object.entries(screens)) {
    expect(screens[slice.name]?.slice, name).toBe(slice);
  }
});
