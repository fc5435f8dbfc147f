import {expect, test} from 'vitest';
import * as z from 'zod/mini';
import {parseAs} from '../../../source/engine/base/parse-as.ts';

const schema = z.object({name: z.string()});

test.each([
  ['{"name":"a","more":1}', {name: 'a'}],
  ['{"name":1}', null],
  ['{"name":"a', null],
  ['', null],
  ['['.repeat(1_000_000), null],
])('%#', (json, value) => {
  expect(parseAs(schema, json)).toEqual(value);
  expect(parseAs(schema, Buffer.from(json))).toEqual(value);
});
