import fs from 'node:fs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {asciiJson} from '../../../source/engine/base/escape.ts';
import {loadConfiguration} from '../../../source/engine/config/effective.ts';
import {checkProse} from '../../../source/engine/evidence/check-prose.ts';
import {collectEvidence} from '../../../source/engine/evidence/collect.ts';
import {parseEvidenceFile} from '../../../source/engine/evidence/parse-file.ts';
import {renderEvidence} from '../../../source/engine/evidence/render.ts';
import {checkLines} from '../../../source/engine/evidence/session-lines.ts';
import {findState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {sha256} from '../../support/evidence-files.ts';
import {hostileMarkdown} from '../../support/hostile-markdown.ts';
import {configure, makeRestorable} from '../../support/restores.ts';
import {jsonLines} from '../../support/run.ts';

type Line = Record<string, unknown>;

/** A value as JSON text that stands for one; `asciiJson` puts it there as a string first. */
const raw = (text: string): string => `\u0001${text}\u0001`;
const unraw = (json: string): string =>
  json.replace(/"\\u0001(.*?)\\u0001"/g, (_, text: string) => JSON.parse(`"${text}"`) as string);

/** What may stand where a text or a number stood: JSON's own oddities, and what would be markdown. */
const put: fc.Arbitrary<unknown> = fc.oneof(
  hostileMarkdown.map((text) => text.replaceAll('\u0001', '')),
  fc.constantFrom(
    ...['1e999', '-0', '1.0', '1e2', '9007199254740993', '"\\u00E9"', '"\\uD800"', '"\\/"', '""', 'null'].map(
      raw,
    ),
    raw('{"__proto__":{"a":1},"constructor":2,"a":1,"a":2}'),
    raw(`${'['.repeat(12)}${']'.repeat(12)}`),
  ),
);

/** Puts something in the place of the nth leaf of a line's data, keys among them. */
function change(data: unknown, at: number, value: unknown): unknown {
  let left = at;
  const visit = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(visit);
    if (typeof each === 'object' && each !== null)
      return Object.fromEntries(
        Object.entries(each).map(([key, inner]) => [
          left-- === 0 && typeof value === 'string' ? value : key,
          visit(inner),
        ]),
      );
    return left-- === 0 ? value : each;
  };
  return visit(data);
}

/** The lines as they would follow from each other, whoever wrote them and however. */
function chain(lines: Line[], style: number): string {
  let previous = '';
  return lines
    .map((line, index) => {
      const plain = {...line, sequence: index + 1, previous} as Line;
      const text = [
        () => unraw(asciiJson(plain)),
        () => unraw(asciiJson({more: 'a key of its own', ...plain})),
        () => unraw(asciiJson(plain)).replace('{', '{ '),
        () =>
          unraw(
            asciiJson({...plain, data: {...(plain['data'] as object), z: 1, a: 'ü \u{1f600}'}}),
          ).replaceAll('\\u00fc', 'ü'),
      ][style % 4]?.() as string;
      previous = sha256(text);
      return `${text}\n`;
    })
    .join('');
}

test('whatever a session record holds, what is exported of it is accepted by a check', {
  timeout: 240_000,
}, async () => {
  const {root, restore, command} = makeRestorable();
  configure(root, {hooks: {before_restore: [['printf', 'out\\n```\\n']]}});
  expect(await restore('--ticket=INC-1')).toMatchObject({code: 0});
  await command('session', 'step', 'verified');
  const file = `${root}/storage/runbook/sessions/1/session.jsonl`;
  const lines = jsonLines(fs.readFileSync(file, 'utf8'));
  const configuration = await loadConfiguration(root, {});
  const nothing = {purpose: null, ticket: null, title: null, authorised: null, control: null, period: null};
  const collecting = {
    root,
    backups: configuration.path.value,
    configuration,
    env: {},
    subject: {kind: 'restore', session: 1} as const,
    given: {...nothing, corrective: [], signer: null},
  };
  const state = findState(root);
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(lines.length - 1), fc.nat(40), put), {minLength: 1, maxLength: 12}),
        fc.nat(),
        fc.option(fc.constantFrom('at', 'operator', 'type')),
        hostileMarkdown,
        async (changes, style, key, text) => {
          const changed = structuredClone(lines);
          for (const [line, at, value] of changes)
            Object.assign(changed[line] as Line, {data: change(changed[line]?.['data'], at, value)});
          if (key !== null) Object.assign(changed[style % lines.length] as Line, {[key]: text.slice(0, 64)});
          fs.writeFileSync(file, chain(changed, style));
          const record = await collectEvidence({...collecting, state});
          const bytes = Buffer.from(renderEvidence(record));
          const parsed = parseEvidenceFile(bytes);
          if (!('record' in parsed)) throw new Error(`${parsed.part}: ${parsed.reason}`);
          expect(checkProse(parsed.record, parsed.json, bytes)).toMatchObject({state: 'ok'});
          const {session} = parsed.record;
          if (!session) throw new Error('there is no session');
          if (session.broken === null)
            expect(checkLines(session)).toMatchObject({state: 'holds', whole: true});
        },
      ),
      {
        numRuns: 20,
        // A session that it says to undo, of a number that is none.
        examples: [[[[0, 15, raw('9007199254740993')]], 0, null, '']],
      },
    );
  } finally {
    state?.close();
  }
});
