import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {flipBit} from '../support/backups.ts';
import {backupId, liveTree, makeRestorable, summaryOf, twoContents} from '../support/restores.ts';

const same = '{"same":1}\n';

describe('a backup that is not what it was', () => {
  test.each([[[]], [['--yes']], [['--yes', '--json']]])(
    'is refused whole, also where its damaged copy is not needed: %s',
    async (flags) => {
      // The live file is what the manifest recorded; only the copy is not.
      const contents = {...twoContents, settings: {copy: same, live: same}};
      const place = makeRestorable({contents});
      flipBit(place.built.copy('settings'));
      const before = liveTree(place.root);
      const outcome = await (flags.length === 0 ? place.ask() : place.restore(...flags.slice(1)));
      const reason =
        'Refused: settings: the copy is not what the manifest recorded. The others alone: --only=tenants,ledger. Nothing was changed.';
      expect(outcome).toMatchObject({code: 5, stderr: `magds: ${reason}\n`});
      if (flags.includes('--json'))
        expect(summaryOf(outcome)).toMatchObject({outcome: 'refused', session: null, reason});
      expect(liveTree(place.root)).toEqual(before);
      expect(fs.existsSync(place.state())).toBe(false);
    },
  );

  test('is refused while it is staged where nobody looked before, and leaves no trace', async () => {
    const place = makeRestorable();
    flipBit(place.built.copy('ledger'));
    const before = liveTree(place.root);
    const outcome = await place.restore('--json');
    const reason = 'ledger: the copy is not what the manifest recorded';
    expect(outcome).toMatchObject({code: 5, stderr: `magds: refused: ${reason}\n`});
    expect(summaryOf(outcome)).toMatchObject({
      outcome: 'refused',
      session: 1,
      reason,
      beware: [],
      commands: [],
    });
    expect(liveTree(place.root)).toEqual(before);
    expect(fs.readdirSync(place.state('safety'))).toEqual([]);
    // The damaged one blocks the others unless they are asked for by name.
    expect(await place.restore('--only=tenants')).toMatchObject({code: 0});
  });

  test.each([
    [
      'no manifest',
      (manifest: string) => fs.rmSync(manifest),
      `it has no manifest.json, so what it should hold is not known; "magds backup finish ${backupId}" writes one for what lies in it whole`,
    ],
    [
      'no datasets',
      (manifest: string) => fs.writeFileSync(manifest, '{"id":"x","datasets":[]}'),
      'it holds no datasets',
    ],
    [
      'a husk',
      (manifest: string) => fs.writeFileSync(manifest, '{"metadata":{"last_verified_at":"x"}}'),
      "manifest.json is only a stub: PHP's verify replaced a manifest it could not read. The hashes are lost; the copies may be whole",
    ],
  ])('%s', async (_, damage, why) => {
    const {built, restore} = makeRestorable();
    damage(built.manifestFile);
    const outcome = await restore('--json');
    const reason = `${backupId} cannot be restored: ${why}. Nothing was changed.`;
    expect(outcome).toMatchObject({code: 5, stderr: `magds: ${reason}\n`});
    expect(summaryOf(outcome)).toEqual({message_type: 'exit_error', code: 5, message: reason});
  });

  test.each([
    ['hash', false, 'the manifest records no hash: it cannot be verified'],
    ['algorithm', 'rot13', 'it cannot be verified: the algorithm "rot13" is not supported here'],
  ] as const)('%s %s', async (key, value, reason) => {
    const place = makeRestorable();
    const manifest = JSON.parse(place.built.manifest) as {datasets: {tenants: Record<string, unknown>}};
    manifest.datasets.tenants[key] = value;
    fs.writeFileSync(place.built.manifestFile, JSON.stringify(manifest));
    const {code, stdout} = await place.ask('--dry-run');
    expect(code).toBe(5);
    expect(stdout).toContain(`  x tenants  refused: ${reason}\n`);
  });
});
