import {isUtf8} from 'node:buffer';
import os from 'node:os';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {programName} from '../../../../source/engine/base/version.ts';
import {
  type AuditLine,
  auditLine,
  auditText,
  longestLine,
} from '../../../../source/engine/events/log/audit-line.ts';
import type {Happening} from '../../../../source/engine/storage/events.ts';
import {anyHappening, pruned} from '../../../support/audit.ts';

const now = new Date('2026-11-23T13:18:22.250Z');
const lineOf = (happening: Happening, env: NodeJS.ProcessEnv = {}): AuditLine =>
  auditLine(happening, '/srv/magmoboce', env, now);

const failing = (text: string, count: number): Happening => ({
  action: 'magdb.backup.verify_failed',
  payload: {
    id: '20261123_131813',
    reason: text,
    failed: count,
    datasets: Array.from({length: count}, () => ({
      name: text,
      status: text,
      algorithm: text,
      expected: text,
      actual: text,
      reason: text,
    })),
  },
});

describe('a line', () => {
  test('is in the shape that the kernel writes, key for key', () => {
    const line = lineOf(pruned('20261123_131813'), {SUDO_USER: 'alice', SSH_CONNECTION: '10.0.0.2 1 ::1 22'});
    expect(auditText(line)).toBe(
      `{"id":"${line.id}","action":"magdb.backup.pruned","org_id":null,"project_id":null,"user_id":null,"payload":{"id":"20261123_131813","reason":"beyond the newest 2","operator":{"login":"${os.userInfo().username}","uid":${process.getuid?.()},"sudo_user":"alice"},"host":"${os.hostname()}","root":"/srv/magmoboce","program":"${programName}","timestamp":1795439902.25},"ip_address":"10.0.0.2","immutable":true,"legal_hold_id":null,"created_at":"2026-11-23T13:18:22+00:00"}\n`,
    );
    expect(line.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(lineOf(pruned('a')).id).not.toBe(line.id);
  });

  test('leaves slashes and other alphabets as they are, and never breaks', () => {
    const text = auditText(lineOf(pruned('a/b', 'é 😀 "\\ \n\r\t\u0000\u001b \u2028\u2029 \u007f')));
    expect(text).toContain(
      '"id":"a/b","reason":"é 😀 \\"\\\\ \\n\\r\\t\\u0000\\u001b \\u2028\\u2029 \u007f"',
    );
  });

  test('has no half of a character', () => {
    const line = lineOf(pruned('\ud800', 'a\udc00b'));
    expect(line.payload).toMatchObject({id: '\ufffd', reason: 'a\ufffdb'});
  });

  test('is refused where the payload is not what the registry says', () => {
    expect(() => lineOf({action: 'magdb.backup.pruned', payload: {id: 1}} as never)).toThrow();
    expect(() => lineOf({action: 'magdb.backup.pruned', payload: {id: 'a'}} as never)).toThrow();
  });

  test('whatever it says is one line of UTF-8 that parses back to it', () => {
    const text = fc.oneof(
      fc.string({unit: 'binary', maxLength: 30}),
      fc.string({unit: fc.constantFrom('\n', '\r', '\u2028', '\u0085', '\ud83d', '\udc00', '/', 'é')}),
    );
    fc.assert(
      fc.property(anyHappening(text), text, text, (happening, root, user) => {
        const line = auditLine(happening, root, {SUDO_USER: user, SSH_CONNECTION: user}, now);
        const written = auditText(line);
        expect(written.match(/[\n\r\u2028\u2029]/g)).toEqual(['\n']);
        expect(written.endsWith('}\n')).toBe(true);
        expect(written.isWellFormed() && isUtf8(Buffer.from(written))).toBe(true);
        expect(JSON.parse(written)).toEqual(line);
        expect(line.payload).toMatchObject({operator: {uid: process.getuid?.()}, timestamp: 1795439902.25});
        expect(Object.keys(line.payload).slice(0, -5)).toEqual(Object.keys(happening.payload));
      }),
    );
  });
});

describe('what would make it too long', () => {
  const bytes = (happening: Happening): number => Buffer.byteLength(auditText(lineOf(happening)));

  test('is cut, and says how long it was', () => {
    const {payload} = lineOf(pruned('a', 'x'.repeat(200_000)));
    expect(payload['reason']).toBe(`${'x'.repeat(8192)}… (200000 characters)`);
  });

  test('keeps whole characters only', () => {
    const {payload} = lineOf(pruned('a', `x${'😀'.repeat(100_000)}`));
    expect(payload['reason']).toBe(`x${'😀'.repeat(4095)}… (200001 characters)`);
  });

  test('is cut shorter the more of it there is; the rest stays as it was', () => {
    const {payload} = lineOf(failing('y'.repeat(300), 100));
    expect(payload).toMatchObject({id: '20261123_131813', failed: 100});
    expect(payload['datasets']).toHaveLength(20);
    expect(bytes(failing('y'.repeat(300), 100))).toBeLessThanOrEqual(longestLine);
  });

  test.each(['x', '\u0001', '\u2028', '😀', 'é', '"'])('never makes more than 64 KiB, even of %j', (text) => {
    expect(bytes(failing(text.repeat(10_000), 100))).toBeLessThanOrEqual(longestLine);
    const env = {SUDO_USER: text.repeat(100_000)};
    const line = auditLine(failing(text.repeat(9000), 100), `/${text.repeat(4000)}`, env, now);
    expect(Buffer.byteLength(auditText(line))).toBeLessThanOrEqual(longestLine);
  });

  test('no path that a system can have is cut, and no list of a hundred short names', () => {
    const names = Array.from({length: 100}, (_, index) => `dataset ${index}`);
    const started = lineOf({
      action: 'magdb.restore.started',
      payload: {
        ...{id: 'i', session: 1, drill: false, undoes: null, purpose: null, ticket: null},
        ...{authorised_by: null, plan: 'p', datasets: names, deviations: ['d'.repeat(4096)]},
      },
    });
    expect(started.payload).toMatchObject({datasets: names, deviations: ['d'.repeat(4096)]});
  });
});

test('fractions have three digits, and numbers of bytes all of theirs', () => {
  const completed = (seconds: number, bytes: number): Happening => ({
    action: 'magdb.backup.completed',
    payload: {id: 'i', label: '', datasets: 1, missing: [], bytes, manifest_digest: null, seconds},
  });
  expect(lineOf(completed(0.000012345, Number.MAX_SAFE_INTEGER)).payload).toMatchObject({
    seconds: 0,
    bytes: Number.MAX_SAFE_INTEGER,
  });
  expect(lineOf(completed(12.34567, 0)).payload).toMatchObject({seconds: 12.346});
});
