import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {metricsFile} from '../../../../source/engine/config/metrics-file.ts';
import type {EventPlace} from '../../../../source/engine/events/metrics/metrics.ts';
import {readMetrics} from '../../../../source/engine/events/metrics/metrics-place.ts';
import {isRoot} from '../../../support/faults.ts';
import * as happens from '../../../support/happenings.ts';
import {
  count,
  counting,
  emptyPlace,
  placeOf,
  prunedOf,
  telemetry,
  textOf,
  valuesOf,
} from '../../../support/metrics.ts';
import {node} from '../../../support/program.ts';
import {execute} from '../../../support/run.ts';
import {makePipe, temporaryDirectory} from '../../../support/temporary.ts';

describe('what is found in its place', () => {
  async function placeWith(text: string | Buffer): Promise<EventPlace> {
    const place = emptyPlace();
    await count(place, happens.pruned, happens.completed(77));
    fs.writeFileSync(metricsFile(place.root), text);
    return place;
  }
  const lost = (place: EventPlace, flaw: string) =>
    `the metrics ${metricsFile(place.root)}: ${flaw}: what could be told of it was gone on from, the rest counts from 0 again`;
  const notOurs = 'it is not what this program left there';

  test.each([
    ['nothing', Buffer.alloc(0), notOurs],
    ['zeros', Buffer.alloc(4096), notOurs],
    ['something else', Buffer.from('{"a": [1, 2]}\n'), notOurs],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x0a, 0xc3]), notOurs],
    ['too much', Buffer.alloc(300_000, 'x'), 'it is 300000 bytes long; more than 262144 is not read'],
  ])('%s: it is told, and counting begins again', async (_, bytes, flaw) => {
    const place = await placeWith(bytes);
    expect(await count(place, happens.pruned)).toBe(lost(place, flaw));
    expect(valuesOf(place)).toMatchObject({magdb_backups_pruned_total: 1, magdb_backups_total: 0});
    expect(await count(place, happens.pruned)).toBeNull();
    expect(prunedOf(place)).toBe(2);
  });

  test('a file that was cut short: what is left of it is gone on from', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned, happens.completed(77));
    const text = textOf(place);
    fs.writeFileSync(metricsFile(place.root), text.slice(0, text.indexOf('# HELP magdb_backup_bytes')));
    expect(await count(place, happens.completed(78))).toBe(lost(place, 'it was cut short'));
    expect(valuesOf(place)).toMatchObject({magdb_backups_pruned_total: 1, magdb_backups_total: 2});
  });

  test.each(['-5', 'NaN', '1e999', '+Inf', 'many', '0x', '9007199254740993e3'])(
    'a counter of %s: it is told, and that one begins again',
    async (value) => {
      const place = emptyPlace();
      await count(place, happens.pruned, happens.completed(77));
      const text = textOf(place).replace(/^(magdb_backups_pruned_total.* )1$/m, `$1${value}`);
      fs.writeFileSync(metricsFile(place.root), text);
      expect(await count(place, happens.pruned)).toBe(lost(place, 'a line of it is not a metric'));
      expect(valuesOf(place)).toMatchObject({magdb_backups_pruned_total: 1, magdb_backups_total: 1});
    },
  );

  test('a metric of another version is no flaw', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    const text = textOf(place).replace('# EOF', 'magdb_of_tomorrow_total{tool="magds",root="/x"} 3\n# EOF');
    fs.writeFileSync(metricsFile(place.root), text);
    expect(await count(place, happens.pruned)).toBeNull();
    expect(prunedOf(place)).toBe(2);
  });

  const victim = 'what nobody may write to\n';
  const notWritten = (place: EventPlace, why: string) =>
    `the metrics ${metricsFile(place.root)} were not written: ${why}`;

  test('a link stays what it is, and so does what it leads to', async () => {
    const place = emptyPlace();
    const file = `${temporaryDirectory()}/victim`;
    fs.writeFileSync(file, victim);
    fs.mkdirSync(telemetry(place));
    fs.symlinkSync(file, metricsFile(place.root));
    expect(await count(place, happens.pruned)).toBe(
      notWritten(place, 'it is a link, not a file: move it away'),
    );
    expect(fs.readFileSync(file, 'utf8')).toBe(victim);
    expect(fs.readlinkSync(metricsFile(place.root))).toBe(file);
    expect(readMetrics(place.root, metricsFile(place.root))).toBeNull();
  });

  test('a link in the place of the temporary or of the lock is not written through', async () => {
    const place = emptyPlace();
    const file = `${temporaryDirectory()}/victim`;
    fs.writeFileSync(file, victim);
    fs.mkdirSync(telemetry(place));
    fs.symlinkSync(file, `${telemetry(place)}/.magds_backup.prom.new`);
    expect(await count(place, happens.pruned)).toBeNull();
    fs.rmSync(`${telemetry(place)}/.magds_backup.lock`);
    fs.symlinkSync(file, `${telemetry(place)}/.magds_backup.lock`);
    expect(await count(place, happens.pruned)).toBe(notWritten(place, 'a link, which is not followed'));
    expect(fs.readFileSync(file, 'utf8')).toBe(victim);
  });

  test('a link in the place of the directory', async () => {
    const place = emptyPlace();
    const elsewhere = temporaryDirectory();
    fs.symlinkSync(elsewhere, telemetry(place));
    expect(await count(place, happens.pruned)).toBe(
      notWritten(
        place,
        `${telemetry(place)} is a link or a file, where a directory belongs: move it away. Nothing was changed.`,
      ),
    );
    expect(fs.readdirSync(elsewhere)).toEqual([]);
    expect(readMetrics(place.root, metricsFile(place.root))).toBeNull();
  });

  test('a directory, and a pipe, which nobody waits at', async () => {
    const place = emptyPlace();
    fs.mkdirSync(metricsFile(place.root), {recursive: true});
    expect(await count(place, happens.pruned)).toBe(
      notWritten(place, 'it is a directory, not a file: move it away'),
    );
    fs.rmdirSync(metricsFile(place.root));
    makePipe(metricsFile(place.root));
    expect(await count(place, happens.pruned)).toBe(
      notWritten(place, 'it is a pipe (FIFO), not a file: move it away'),
    );
    expect(readMetrics(place.root, metricsFile(place.root))).toBeNull();
  });

  test.skipIf(!isRoot)('a directory that may not be written to is told (needs root)', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    fs.chmodSync(place.root, 0o755);
    const as = ['--reuid=65534', '--regid=65534', '--clear-groups', node, ...counting(place, '1')];
    const {code, stderr} = await execute('setpriv', as);
    expect(code).toBe(1);
    expect(stderr).toContain(notWritten(place, 'permission denied: run as its owner, or as root'));
    expect(prunedOf(place)).toBe(1);
  });

  test('no storage/ at all', async () => {
    const place = placeOf(temporaryDirectory());
    expect(await count(place, happens.pruned)).toBe(notWritten(place, 'not there'));
    expect(fs.readdirSync(place.root)).toEqual([]);
  });
});

describe('what is read', () => {
  test('is what was written', async () => {
    const place = emptyPlace();
    expect(readMetrics(place.root, metricsFile(place.root))).toBeNull();
    await count(place, happens.pruned);
    expect(readMetrics(place.root, metricsFile(place.root))).toBe(textOf(place));
  });

  test('does no harm to a terminal, and has an end', () => {
    const place = emptyPlace();
    fs.mkdirSync(telemetry(place));
    fs.writeFileSync(metricsFile(place.root), 'a\u001b[2Jb\r\n\u202e\n');
    expect(readMetrics(place.root, metricsFile(place.root))).toBe('a\\u{1b}[2Jb\\u{d}\n\\u{202e}\n');
    fs.writeFileSync(metricsFile(place.root), Buffer.alloc(300_000, 'x'));
    expect(readMetrics(place.root, metricsFile(place.root))).toBeNull();
  });
});
