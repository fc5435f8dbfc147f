import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import {canTrace, copyOf, traced} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {
  backupId,
  configure,
  contentOf,
  litter,
  liveTree,
  makeRestorable,
  type Restorable,
  savedIds,
  summaryOf,
  twoContents,
  whileCopying,
} from '../support/restores.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const saved = String(twoContents['tenants']?.copy);
const old = String(twoContents['tenants']?.live);
const since = 'written since';

const restoring = ({root}: Restorable, env: Record<string, string> = {}) =>
  magds(['restore', `--id=${backupId}`, `--yes=${backupId}`, '--root', root, '--json'], {env});

/** Every file of ours or theirs that holds something. */
function whereIs(root: string, text: string): string[] {
  const storage = `${root}/storage`;
  const names = fs.readdirSync(storage, {recursive: true, withFileTypes: true});
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => fs.readFileSync(file, 'latin1').includes(text));
}

describe('a live file that changes meanwhile', () => {
  test.each([
    ['in place', (file: string) => `printf '%s' '${since}' >>${file}`],
    [
      'by another file in its place',
      (file: string) => `printf '%s' '${since}' >${file}.tmp; mv ${file}.tmp ${file}`,
    ],
  ])('after it was saved, %s: stopped, nothing lost', async (_, write) => {
    const place = makeRestorable();
    const before = place.holds('ledger');
    const outcome = await restoring(place, whileCopying(write(place.live('ledger'))));
    expect(outcome.code).toBe(5);
    expect(summaryOf(outcome)).toMatchObject({outcome: 'refused'});
    expect(String(summaryOf(outcome)['reason'])).toMatch(
      /ledger.*(was written to|was replaced) meanwhile: stop the service that writes, then start again$/,
    );
    expect(place.holds('tenants')).toBe(old);
    expect(place.holds('ledger')).toContain(since);
    expect(before).not.toContain(since);
    expect([litter(place.root), savedIds(place.root)]).toEqual([[], []]);
  });

  test('that appears where there was none is not written over', async () => {
    const contents = {
      tenants: twoContents['tenants'] ?? {copy: '', live: ''},
      media: {copy: saved, live: null},
    };
    const place = makeRestorable({contents});
    const outcome = await restoring(place, whileCopying(`echo -n '${since}' >${place.live('media')}`));
    expect(outcome.code).toBe(5);
    expect(summaryOf(outcome)).toMatchObject({
      outcome: 'refused',
      reason: `media: ${place.live('media')} was written to meanwhile: stop the service that writes, then start again`,
    });
    expect([place.holds('tenants'), place.holds('media')]).toEqual([old, since]);
    expect(litter(place.root)).toEqual([]);
  });

  test('whose directory is swapped for a link leads nowhere, and what to do is said', async () => {
    const place = makeRestorable();
    const [data, away, trap] = [
      `${place.root}/storage/data`,
      `${place.root}/storage/away`,
      temporaryDirectory(),
    ];
    // Hooks that would start what was stopped: it would read files that do not belong together.
    const started = `${temporaryDirectory()}/started`;
    configure(place.root, {hooks: {before_restore: [['true']], after_restore: [['touch', started]]}});
    const swap = `[ -L ${data} ] || { mv ${data} ${away}; ln -s ${trap} ${data}; }`;
    const outcome = await restoring(place, whileCopying(swap));
    expect(outcome.code).toBe(6);
    const summary = summaryOf(outcome) as {reason: string; commands: string[]};
    expect(summary).toMatchObject({outcome: 'needs-recovery'});
    expect(summary.reason).toContain('data on the way to the target is a link');
    expect(summary.commands.at(-1)).toBe('sync');
    expect(fs.readdirSync(trap)).toEqual([]);
    expect(fs.existsSync(started)).toBe(false);
    expect(contentOf(`${away}/tenants.json`)).toBe(old);
    // Put right again, it can be cleared up.
    fs.unlinkSync(data);
    fs.renameSync(away, data);
    expect(await place.command('restore', '--resume')).toMatchObject({
      code: 2,
      stderr:
        'magds: Session 1 stopped before it changed anything: --rollback cleans up, then start again. Nothing was changed.\n',
    });
    expect(await place.command('restore', '--rollback')).toMatchObject({code: 0});
    expect(fs.existsSync(started)).toBe(true);
    expect([litter(place.root), savedIds(place.root)]).toEqual([[], []]);
  });
});

describe.skipIf(!canTrace)('a write in the moment of the switch (needs strace)', () => {
  test('is stopped, or kept and told; never lost', async () => {
    const place = makeRestorable();
    const all = ['restore', `--id=${backupId}`, `--yes=${backupId}`];
    const dry = await traced([...all, '--root', copyOf(place.root).root], {calls: ['rename']});
    const nth = dry.calls.find(({text}) => text.includes('/.tenants.json.magds-1-new"'))?.nth;
    expect(nth).toBeGreaterThan(1);
    const inject = `inject=rename:delay_enter=1500000:when=${nth}`;
    const child = spawn(
      'strace',
      [
        '-f',
        '-qq',
        '-o',
        '/dev/null',
        '-e',
        'trace=rename',
        '-e',
        inject,
        node,
        program,
        ...all,
        '--json',
        '--root',
        place.root,
      ],
      {stdio: ['ignore', 'pipe', 'ignore']},
    );
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('latin1');
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const phase = () =>
      (JSON.parse(contentOf(place.state('sessions/1/journal.json')) ?? '{}') as {phase?: string}).phase;
    await vi.waitFor(() => expect(phase()).toBe('commit'), {timeout: 15_000, interval: 10});
    fs.appendFileSync(place.live('tenants'), since);
    await ended;
    const summary = jsonLines(stdout).at(-1) as {outcome: string; beware: string[]};
    const kept = whereIs(place.root, since);
    const aside = `${place.root}/storage/data/.tenants.json.magds-1-old`;
    if (summary.outcome === 'done') {
      expect([kept, summary.beware]).toEqual([
        [aside],
        [`what was written in the last moment is kept: ${aside}`],
      ]);
      expect(place.holds('tenants')).toBe(saved);
      expect(await place.close(1)).toMatchObject({code: 0});
      expect(contentOf(aside)).toBe(old + since);
    } else {
      expect([summary.outcome, kept]).toEqual(['rolled-back', [place.live('tenants')]]);
    }
    expect(Object.keys(liveTree(place.root))).toContain('tenants.json');
  });
});
