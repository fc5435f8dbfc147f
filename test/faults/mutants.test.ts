import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {mutants} from './mutant-list.ts';

const engine = path.resolve(import.meta.dirname, '../../source/engine');

test.each(mutants)('what breaks it is there once: $name', ({file, changes}) => {
  const text = fs.readFileSync(`${engine}/${file}`, 'utf8');
  for (const [from] of changes) expect(text.split(from)).toHaveLength(2);
});
