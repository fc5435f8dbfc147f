import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {parseEvidenceFile} from '../../../source/engine/evidence/parse-file.ts';
import {sha256Of} from '../../../source/engine/evidence/place.ts';
import {parseEvidence, recordText} from '../../../source/engine/evidence/record-text.ts';
import {renderEvidence} from '../../../source/engine/evidence/render.ts';
import type {EvidenceRecord} from '../../../source/engine/evidence/schema.ts';
import {checkCommands} from '../../../source/engine/evidence/sections/checking.ts';
import {printedChecks} from '../../support/evidence-files.ts';
import {
  backup,
  dataset,
  goldenRecords,
  hashOf,
  record,
  restored,
  session,
  step,
  verification,
} from '../../support/evidence-records.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

describe('golden files', () => {
  for (const [name, each] of Object.entries(goldenRecords)) {
    test(name, async () => {
      await expect(renderEvidence(each)).toMatchFileSnapshot(`golden/2/${name}.md`);
      expect(parseEvidence(Buffer.from(recordText(each)))).toEqual(each);
    });

    test(`${name}, of the first schema, is rendered as it was`, () => {
      const text = readFileSync(join(import.meta.dirname, 'golden', `${name}.md`), 'latin1');
      const file = parseEvidenceFile(Buffer.from(text, 'latin1'));
      if (!('record' in file)) throw new Error(file.reason);
      // It did not tell of a choice, of the content, and of a manifest's bytes later on.
      const backups = each.backups.map(({manifest: {later: _, later_digest: __, ...manifest}, ...rest}) => ({
        ...rest,
        manifest,
      }));
      expect(file.record).toEqual({
        ...each,
        backups,
        schema: 'magds-evidence/1',
        choice: undefined,
        content: undefined,
      });
      expect(renderEvidence(file.record)).toBe(text);
    });
  }
});

/** What stands under a heading. */
function section(file: string, heading: string): string {
  const [, rest = ''] = file.split(`\n## ${heading}\n`);
  return rest.split('\n## ')[0] ?? '';
}

test('prose and tables of a good session fit 80 columns; only summary, annex, JSON and commands are wider', () => {
  const [prose = ''] = renderEvidence(record({session: session({checklist: []})})).split('\n<!-- BEGIN');
  const widerThan = (columns: number, text: string): string[] =>
    text
      .replace(/^```sh\n[\s\S]*?^```$/gm, '')
      .split('\n')
      .slice(1)
      .filter(
        (line) => line.length > columns && !/^ +"(?:backup|hash)": |^\| (?:When|---|2026).* \|$/.test(line),
      );
  const narrow = prose.replace(/^## (?:Summary|Annex: (?:what this is|the backup))[\s\S]*?(?=^## )/gm, '');
  expect(widerThan(80, narrow)).toEqual([]);
  expect(widerThan(100, prose)).toEqual([]);
});

test('of a database names, numbers, rows and who was ended are told', () => {
  const path = 'database "magds" on db:5432';
  const change = restored('magdsdb', {target: path, before: null, mode: null, owner: 'magds'});
  const database = {
    dataset: 'magdsdb',
    path,
    name: 'magds',
    oid_before: 16389,
    oid_after: 16421,
    aside: 'magds_before_7',
    saved: true,
    loaded: true,
    rows: {'public.accounts': 6000},
    ended: ['php-fpm as web from 10.0.0.5 since 2026-11-23T14:00:00Z'],
  };
  const one = {before: 900, only_before: null, only_after: null, differ: null};
  const tables = [{...one, name: 'public.accounts', after: 6000}];
  const told = record({
    session: session({restored: [change], databases: [database]}),
    content: [{dataset: 'magdsdb', of: 'rows', tables, whole: false, reason: null}],
  });
  expect(parseEvidence(Buffer.from(recordText(told)))).toEqual(told);
  const text = renderEvidence(told);
  const changed = section(text, 'What changed, and what was left');
  expect(changed).toContain('**Live files and databases**: 1; 1 overwrite');
  expect(changed).toContain(`1. magdsdb
  target     database "magds" on db:5432
  owner      magds
  was        OID 16389
  is         OID 16421
  loaded     from a dump, sha256 ${hashOf('a')}
  old one    database "magds_before_7", until this session is signed off; from then on its dump in the safety backup, until 2026-12-23 15:01:03Z
  ended      php-fpm as web from 10.0.0.5 since 2026-11-23T14:00:00Z
`);
  expect(changed.replace(/\s+/g, ' ')).toContain('; of a database it is the rows that were counted');
  // Nothing was counted of one that was put back by its name, or not restored after all.
  for (const change of [{databases: [{...database, loaded: false, rows: null}]}, {state: 'rolled-back'}]) {
    const other = {restored: [restored('magdsdb', {target: path})], databases: [database], ...change};
    const uncounted = renderEvidence(record({session: session(other)}));
    expect(section(uncounted, 'What changed, and what was left').replace(/\s+/g, ' ')).toContain(
      'is the proof; no rows of a database were counted.',
    );
    expect(uncounted.replace(/\s+/g, ' ')).not.toContain('right before the switch');
  }
  const content = section(text, 'Content and reconciliation');
  expect(content).toMatch(/`magdsdb` `public.accounts`, rows +\| 900 +\| 6000 +\| - +\| - +\| - +\|/);
  expect(content.replace(/\s+/g, ' ')).toContain(
    '`magdsdb`: rows were counted, what stands in them was not compared',
  );
});

describe('the commands that a file prints', () => {
  const good = [
    'PASS: the file is as it was written',
    'PASS: the record fits its digest',
    'PASS: the file ends with the record',
    'PASS: there is no second record',
  ];
  /** A file of these lines beside the digest of the one that was written; or with a digest made anew. */
  const says = (was: string, text: string, digest = was): string[] => {
    const file = join(temporaryDirectory(), 'evidence.md');
    writeFileSync(file, text, 'latin1');
    writeFileSync(`${file}.sha256`, `${sha256Of(digest)}  evidence.md\n`);
    return printedChecks(file, was);
  };
  const unsigned = renderEvidence(record({signer: null}));

  test('all kinds of files pass; only a signed one is told how its signature is checked', () => {
    for (const each of Object.values(goldenRecords)) {
      const text = renderEvidence({...each, signer: null});
      expect(text).not.toContain('ssh-keygen');
      expect(says(text, text)).toEqual(good);
    }
    // There is no signature beside it.
    const text = renderEvidence(record());
    expect(says(text, text)).toEqual([...good, 'FAIL: signed by alice@example.org']);
  });

  const json = recordText(record({signer: null}));
  test.each<[string, (text: string) => string, number[]]>([
    ['a digit of the prose', (text) => text.replace('INC-2041', 'INC-2042'), []],
    ['a digit of the record', (text) => text.replace('"rto_seconds":3600', '"rto_seconds":3601'), [1]],
    ['another digest', (text) => text.replace(/(?<=^Record SHA-256: ).{4}/m, '0000'), [1]],
    ['a line beginning with <', (text) => text.replace(json, () => `<p>all is well</p>\n${json}`), [1]],
    ['a line beginning with a backtick', (text) => text.replace(json, () => `${json}\n\`\`more`), [1]],
    ['a line before the fence', (text) => text.replace(/^(?=`{4}json$)/m, '<p>all is well</p>\n'), [1]],
    ['a line before the end', (text) => text.replace(/^(?=<!-- END )/m, '{"approved":{}}\n'), [1]],
    ['a line after the end', (text) => text.replace(/^<!-- END .*$/m, (end) => `${end}\nmore`), [2]],
    [
      'a second record before the first',
      (text) =>
        text.replace('\n## Record\n', () => `\n${text.slice(text.indexOf('<!-- BEGIN'))}\n## Record\n`),
      [3],
    ],
    ['something after the end', (text) => `${text}more\n`, [1, 2]],
    ['CRLF', (text) => text.replaceAll('\n', '\r\n'), [1, 2]],
    ['a cut tail', (text) => text.slice(0, -100), [1, 2, 3]],
    ['nothing', () => '', [1, 2, 3]],
  ])('%s fails, even where the digest beside the file was made anew', (_, change, fails) => {
    const failing = (which: number[]) =>
      good.map((line, index) => (which.includes(index) ? line.replace('PASS', 'FAIL') : line));
    const text = change(unsigned);
    expect(says(unsigned, text)).toEqual(failing([0, ...fails]));
    expect(says(unsigned, text, text)).toEqual(failing(fails));
  });

  test('a file that is not there fails everything', () => {
    const file = join(temporaryDirectory(), 'evidence.md');
    expect(printedChecks(file, unsigned)).toEqual(good.map((line) => line.replace('PASS', 'FAIL')));
  });

  test('no name of a signer becomes a command', () => {
    const signer = {fingerprint: 'SHA256:x', principal: 'a$(touch x);"'};
    expect(checkCommands(record({signer}))).toContain('who=alice@example.org');
  });
});

describe('what must not be overlooked stands on top', () => {
  const flags = (text: string): string => section(text, 'Summary').replace(/\s+/g, ' ');

  test('a record that cannot be relied on', () => {
    expect(flags(renderEvidence(record({session: session({broken: 'line 2 is missing'})})))).toContain(
      '**Open**: the record of session 7 cannot be relied on: `line 2 is missing`;',
    );
  });

  test('a clock that is not synchronised, and a login of several people', () => {
    const {exported} = record();
    const text = renderEvidence(
      record({
        exported: {
          ...exported,
          who: {...exported.who, login: 'root', shared_account: true, ssh_key: null},
          host: {...exported.host, clock: {synchronised: false, offset_seconds: null, source: null}},
        },
      }),
    );
    expect(flags(text)).toContain('**Open**: `root` is a shared account: it does not say who it was;');
    expect(flags(text)).toContain('; the clock was not synchronised: times are no better than it;');
  });

  test('whose key a login of several people was opened with, or who they say they are', () => {
    const {exported} = record();
    const who = {...exported.who, login: 'root', shared_account: true};
    const said = (change: object) =>
      flags(renderEvidence(record({exported: {...exported, who: {...who, ...change}}})));
    expect(said({})).toContain('`root` is a shared account: only its SSH key says who;');
    expect(said({person: 'Amira'})).toContain(
      '`root` is a shared account: that it was `Amira` is typed, and nothing checks it;',
    );
  });

  test('weak algorithms', () => {
    const weak = backup({datasets: [dataset('tenants', {algorithm: 'crc32', weak: true})]});
    const text = renderEvidence(record({backups: [weak]}));
    expect(flags(text)).toContain('**Open**: 1 hash is of a weak algorithm');
    expect(text).toContain('| `crc32` **weak** |');
  });

  test('more than there is room for stands below, all of it', () => {
    const checklist = Array.from({length: 9}, (_, index) => step(`step-${index}`, 'x', {state: 'failed'}));
    const text = renderEvidence(record({session: session({checklist})}));
    expect(flags(text)).toContain(
      'step `step-3` failed; and 6 more, see "Deviations, warnings and take-overs"',
    );
    expect(section(text, 'Deviations, warnings and take-overs')).toContain(
      '- step `step-8` failed\n- closed by the operator, no second person approved that\n',
    );
  });

  test('of a verification, above the headings', () => {
    const text = renderEvidence(goldenRecords['failed-verification'] as EvidenceRecord);
    expect(text.split('\n## Summary')[0]).toContain('- **Beware**: 1 hash is of a weak algorithm');
  });

  test('nothing where there is nothing', () => {
    expect(flags(renderEvidence(record({session: session({closed: true, drill: true})})))).toContain(
      '; no open exception [computed]',
    );
  });
});

test('an undo says what it undoes, and why its backup', () => {
  const text = renderEvidence(record({session: session({undoes: 6})}));
  expect(text).toContain('\n# Evidence of an undone restore\n');
  expect(section(text, 'Summary').replace(/\s+/g, ' ')).toContain(
    'from the safety backup `20261123_131821_after-incident`, of 2026-11-23 13:18:21Z, to undo session 6.',
  );
  expect(section(text, 'Summary')).toContain(
    '**Why this copy**: it keeps what session 6 replaced [measured]',
  );
});

test('why a manifest is another one now is said only where its content was looked at', () => {
  const told = (change: Partial<EvidenceRecord['backups'][number]['manifest']>) => {
    const backups = [backup({manifest: {...backup().manifest, later: hashOf('3'), ...change}})];
    return section(renderEvidence(record({backups})), 'Annex: the backup').replace(/\s+/g, ' ');
  };
  const now = `**The same when this was exported**: \`${hashOf('3')}\`: another one now`;
  expect(told({})).toContain(`${now}; why was not looked at`);
  expect(told({later_digest: null})).toContain(`${now}, which is no manifest that can be read`);
  expect(told({later_digest: hashOf('2')})).toContain(
    `${now}, whose content is the same without what verifying writes`,
  );
  expect(told({later_digest: hashOf('4')})).toContain(
    `${now}, **whose content is another one**: without what verifying writes its SHA-256 is \`${hashOf('4')}\``,
  );
});

test('what was not checked is never empty', () => {
  for (const each of [
    record(),
    record({kind: 'catalog', session: null}),
    goldenRecords['failed-verification'],
  ])
    expect(
      section(renderEvidence({...(each ?? record()), not_checked: []}), 'What was not checked'),
    ).toContain('What evidence like this cannot show:\n\n- ');
});

test('a report over all backups is a table, and says what is wrong', () => {
  const text = renderEvidence(
    record({
      kind: 'catalog',
      purpose: 'verification',
      session: null,
      backups: [
        backup(),
        backup({
          id: '20261120_000000_old',
          verified: verification({
            result: 'failed',
            reason: '1 of 2 copies does not match',
            failed: ['tenants'],
          }),
          datasets: [dataset('tenants', {status: 'mismatch', actual: hashOf('b')}), dataset('ledger')],
        }),
        backup({
          id: 'torn',
          state: 'interrupted',
          reason: 'it has no manifest',
          verified: null,
          datasets: [],
        }),
      ],
    }),
  );
  expect(section(text, 'Summary')).toContain('- **Outcome**: 1 passed, 1 **failed**, 1 never verified\n');
  expect(section(text, 'Backups')).toContain(
    '| `20261120_000000_old`            | **failed**     | 2026-11-23 13:30:00Z |',
  );
  expect(section(text, 'Backups')).toContain(
    `20261120_000000_old\n  verified   failed: 1 of 2 copies does not match\n  failed     tenants\n  mismatch   tenants\n  expected   ${hashOf('a')}\n  actual     ${hashOf('b')}\ntorn\n  state      interrupted: it has no manifest\n`,
  );
});

test('a backup that nobody has verified is not said to be', () => {
  const failed = goldenRecords['failed-verification'] as EvidenceRecord;
  const [backup] = failed.backups;
  const never = {...failed, backups: backup ? [{...backup, verified: null}] : []};
  const said = (each: EvidenceRecord) => section(renderEvidence(each), 'Summary').replaceAll('\n', ' ');
  expect(said(never)).toContain('**No verification of it is recorded.**');
  expect(said(failed)).not.toContain('No verification');
});

/** Of what stands above the record, its commands included. */
const linesOf = (file: string): number => file.slice(0, file.lastIndexOf('\n<!-- BEGIN')).split('\n').length;

describe('many datasets', () => {
  const names = Array.from({length: 20_000}, (_, index) => `file-${index}`);
  const many = record({
    asset: {...record().asset, datasets: names.map((name) => ({name, source: `/srv/${name}`}))},
    backups: [
      backup({
        manifest: {...backup().manifest, text: names.join('\n')},
        datasets: names.map((name, index) =>
          dataset(name, index === 7 ? {status: 'mismatch', actual: hashOf('b')} : {}),
        ),
      }),
    ],
    session: session({
      restored: names
        .slice(0, 10_000)
        .map((name, index) =>
          restored(
            name,
            index === 9
              ? {result: 'written to since', at_switch: hashOf('d')}
              : index === 11
                ? {}
                : {action: 'unchanged', result: 'unchanged'},
          ),
        ),
      left_out: names.slice(10_000).map((name) => ({name, reason: 'not asked for'})),
    }),
  });
  const text = renderEvidence(many);

  test('failures and changes are shown, the rest is counted', () => {
    const datasets = section(text, 'What changed, and what was left') + section(text, 'Annex: copies');
    expect(datasets.replace(/\s+/g, ' ')).toContain(
      '**Copies in the backup**: 20000; 19999 `match`, 1 `mismatch`.',
    );
    expect(datasets).toContain('\n8. file-7\n');
    expect(datasets).toContain('\n10. file-9\n');
    expect(datasets).toContain('\n12. file-11\n');
    expect(datasets).not.toContain('file-8');
    expect(section(text, 'What changed, and what was left')).toContain('- 10000 datasets: `not asked for`\n');
    expect(linesOf(text)).toBeLessThan(400);
  });

  test('where all of them were changed, only what is wrong is shown', () => {
    const all = names.map((name, index) =>
      restored(name, index === 19_998 ? {result: 'written to since', at_switch: hashOf('d')} : {}),
    );
    const lines = Array.from({length: 20_000}, () => session().lines.slice(2, 3)).flat();
    const file = renderEvidence({...many, session: session({restored: all, lines})});
    const changed = section(file, 'What changed, and what was left');
    expect(changed.replace(/\s+/g, ' ')).toContain(
      'Shown are 1 of 20000: of 20000, those that failed or were changed, the first that are not what they should be.',
    );
    expect([...changed.matchAll(/^(\d+)\. file-/gm)].map(([, number]) => number)).toEqual(['19999']);
    expect(linesOf(file)).toBeLessThan(400);
    const right = renderEvidence({
      ...many,
      session: session({restored: names.map((name) => restored(name)), lines}),
    });
    expect(section(right, 'What changed, and what was left').replace(/\s+/g, ' ')).toContain(
      'Shown are 0 of 20000: of 20000, those that failed or were changed, none is not what it should be.',
    );
    expect(linesOf(right)).toBeLessThan(400);
  });

  test('the manifest is in the record alone', () => {
    expect(section(text, 'Annex: the backup').replace(/\s+/g, ' ')).toContain(
      '**Manifest**: 20000 lines, 208889 characters; it is complete in the record below.',
    );
  });

  test('a long trail shows its beginning and its end', () => {
    const lines = Array.from({length: 1000}, (_, sequence) => ({
      sequence,
      at: '2026-11-23T15:01:02.000Z',
      operator: 'alice',
      type: 'beware',
      data: {note: `n${sequence}`},
      previous: '',
    }));
    const trail = section(renderEvidence(record({session: session({lines})})), 'Annex: trail');
    expect(trail).toContain('5 alice beware note=n5\n');
    expect(trail).toContain('Then 988 lines that are in the record: 988 `beware`. Then:');
    expect(trail).toContain('994 alice beware note=n994\n');
    expect(trail).not.toContain('n500');
    const few = section(
      renderEvidence(record({session: session({lines: lines.slice(0, 60)})})),
      'Annex: trail',
    );
    expect(few).toContain('note=n30\n');
  });
});
