import fc from 'fast-check';
import {fromMarkdown} from 'mdast-util-from-markdown';
import {gfmFromMarkdown} from 'mdast-util-gfm';
import {gfm} from 'micromark-extension-gfm';
import {describe, expect, test} from 'vitest';
import {checkProse} from '../../../source/engine/evidence/check-prose.ts';
import {parseEvidenceFile} from '../../../source/engine/evidence/parse-file.ts';
import {parseEvidence, readBack, recordText} from '../../../source/engine/evidence/record-text.ts';
import {headingsOf, renderEvidence} from '../../../source/engine/evidence/render.ts';
import {type EvidenceRecord, recordSchema} from '../../../source/engine/evidence/schema.ts';
import {evidenceLine, lineText} from '../../../source/engine/evidence/session-lines.ts';
import {parseLine} from '../../../source/engine/session/record.ts';
import {goldenRecords} from '../../support/evidence-records.ts';
import {hostileMarkdown} from '../../support/hostile-markdown.ts';
import {arbitraryOf} from '../../support/zod-arbitrary.ts';

/** Lines of a session are none but those that its own record can have. */
const withReadLines = (record: EvidenceRecord): EvidenceRecord => ({
  ...record,
  session: record.session && {
    ...record.session,
    lines: record.session.lines.flatMap((each) => {
      const line = parseLine(lineText({...each, verbatim: undefined}));
      return line ? [evidenceLine(line)] : [];
    }),
  },
});
const anyRecord: fc.Arbitrary<EvidenceRecord> = arbitraryOf(recordSchema, hostileMarkdown).map(withReadLines);

const begin = '<!-- BEGIN EVIDENCE JSON -->';
const end = '<!-- END EVIDENCE JSON -->';

/** As much of mdast's nodes as is looked at. */
type Node = {type: string; children?: Node[]; value?: string; depth?: number};
type Found = {headings: string[]; html: string[]; kinds: Set<string>};

/** What a parser sees of a file's structure. */
function structureOf(root: Node): Found {
  const found: Found = {headings: [], html: [], kinds: new Set()};
  const visit = (node: Node): void => {
    found.kinds.add(node.type);
    if (node.type === 'html') found.html.push(node.value ?? '');
    if (node.type === 'heading') {
      const text = (node.children ?? []).map((each) => each.value ?? `(${each.type})`).join('');
      found.headings.push(`${'#'.repeat(node.depth ?? 0)} ${text}`);
    }
    node.children?.forEach(visit);
  };
  visit(root);
  return found;
}

/** The lines of the record, as the shell takes them: all between the marks, without the first and the last one. */
function jsonOf(text: string): string {
  const lines = text.split('\n');
  return lines.slice(lines.indexOf(begin) + 2, lines.indexOf(end) - 1).join('\n');
}

function checkStructure(record: EvidenceRecord, text: string): void {
  const [title = '', ...rest] = headingsOf(record);
  const expected = [`# ${title}`, ...rest.map((heading) => `## ${heading}`)];
  // Tables, as a pull request shows them, and what it makes a link of on its own; and without, as the reference has it.
  const github = structureOf(fromMarkdown(text, {extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()]}));
  const plain = structureOf(fromMarkdown(text));
  for (const {headings, html, kinds} of [github, plain]) {
    expect(headings).toEqual(expected);
    expect(html).toEqual([begin, end]);
    const strange = ['link', 'linkReference', 'image', 'imageReference', 'definition', 'footnoteReference'];
    expect(
      [...strange, 'footnoteDefinition', 'blockquote', 'thematicBreak', 'delete', 'emphasis'].filter((each) =>
        kinds.has(each),
      ),
    ).toEqual([]);
  }
}

describe('any record', () => {
  test('renders to lines of ASCII that hold nothing else, each mark once', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const text = renderEvidence(record);
        expect(text).toMatch(/^[\x20-\x7e\n]*\n$/);
        const lines = text.split('\n');
        for (const mark of [begin, end]) expect(lines.filter((line) => line === mark)).toHaveLength(1);
        expect(lines.filter((line) => line.startsWith('Record SHA-256: '))).toHaveLength(1);
        expect(lines.at(-2)).toMatch(/^Record SHA-256: [0-9a-f]{64}$/);
      }),
    );
  });

  test('is what its file says again', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const json = jsonOf(renderEvidence(record));
        expect(json).toBe(recordText(record));
        const again = parseEvidence(Buffer.from(json));
        expect(again).toEqual(record);
        expect(renderEvidence(again as EvidenceRecord)).toBe(renderEvidence(record));
        expect(readBack(record)).toEqual(record);
        const bytes = Buffer.from(renderEvidence(record));
        const file = parseEvidenceFile(bytes);
        if (!('record' in file)) throw new Error(`${file.part}: ${file.reason}`);
        expect(checkProse(file.record, file.json, bytes)).toMatchObject({state: 'ok'});
      }),
    );
  });

  test('has the headings of its kind and no other, no link, no HTML but the marks', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        checkStructure(record, renderEvidence(record));
      }),
      {numRuns: 15},
    );
  });
});

test('the records that are kept have that structure too', () => {
  for (const record of Object.values(goldenRecords)) checkStructure(record, renderEvidence(record));
});
