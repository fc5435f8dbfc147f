import fs from 'node:fs';
import path from 'node:path';
import {afterEach, expect, test, vi} from 'vitest';
import {ownFileName, readOwnFile} from '../../source/engine/config/own-file.ts';
import {readHooks} from '../../source/engine/config/own-settings.ts';
import {runEventHooks} from '../../source/engine/events/event-hooks.ts';
import {auditLine} from '../../source/engine/events/log/audit-line.ts';
import {whyNot} from '../support/ops.ts';
import {rootWith} from '../support/php-config.ts';
import {execute} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

afterEach(() => vi.unstubAllEnvs());

const names = fs.readdirSync('source/ops').filter((name) => name.startsWith('hook-'));
const noJq = whyNot('jq');

/** A root with this recipe, and a directory in PATH whose curl and apprise keep what they are given. */
function makePlace(name: string) {
  const root = rootWith({[ownFileName]: fs.readFileSync(`source/ops/${name}`, 'utf8')});
  const directory = temporaryDirectory();
  const said = path.join(directory, 'said');
  for (const program of ['curl', 'apprise'])
    fs.writeFileSync(
      path.join(directory, program),
      `#!/bin/sh\necho "${program} $*" >>'${said}'\nif [ -p /dev/stdin ]; then cat >>'${said}'; fi\n`,
      {mode: 0o755},
    );
  vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`);
  return {root, said: () => fs.readFileSync(said, 'utf8')};
}

test('there are some', () => expect(names.length).toBeGreaterThan(2));

test.each(names)('%s can be put into config.json as it is, and holds no address', (name) => {
  const {root} = makePlace(name);
  const faults: never[] = [];
  expect(readOwnFile(root, faults)).not.toBeNull();
  expect(faults).toEqual([]);
  expect(fs.readFileSync(`source/ops/${name}`, 'utf8')).not.toContain('://');
});

test.skipIf(noJq !== null).each(['hook-slack.json', 'hook-apprise.json'])(
  `%s says what failed, where${noJq === null ? '' : ` (skipped: ${noJq})`}`,
  async (name) => {
    const {root, said} = makePlace(name);
    const reason = 'the disk is "full" \n$(id)';
    const payload = {id: null, label: '', reason};
    const line = auditLine({action: 'magdb.backup.failed', payload}, root, {}, new Date());
    expect(await runEventHooks(root, [line])).toMatchObject({results: [{reason: null}], problem: null});
    const text = said().split('\n').slice(1).join('\n');
    const body = name.includes('slack') ? (JSON.parse(text) as {text: string}).text : text.trimEnd();
    expect(body).toBe(`magdb.backup.failed: ${reason} (${root} on ${line.payload['host']})`);
  },
);

test('a backup that is whole pings, any other says that it failed', async () => {
  const {root, said} = makePlace('hook-healthchecks.json');
  const [hook] = readHooks(root).hooks.afterBackup;
  const [file = '', ...args] = hook?.command ?? [];
  for (const outcome of ['done', 'partial'])
    await execute(file, args, {env: {MAGDS_OUTCOME: outcome, PATH: process.env['PATH'] ?? ''}});
  expect(said().match(/\/etc\/\S+/g)).toEqual([
    '/etc/magds/healthchecks.curl',
    '/etc/magds/healthchecks-fail.curl',
  ]);
  expect(hook?.mayFail).toBe(true);
});
