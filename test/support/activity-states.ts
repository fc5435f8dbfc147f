import {type LoggedLine, readLine} from '../../source/engine/events/log/logged-line.ts';
import {activitySlice} from '../../source/ui/screens/activity/state.ts';
import type {AppAction} from '../../source/ui/state.ts';
import {idAt, noon} from './states.ts';

export type LineOptions = {
  action?: string;
  /** Seconds before noon. */
  ago?: number;
  payload?: object;
  changes?: object;
};

/** A line of the kernel's shape, without its line break. */
export function logText({
  action = 'magdb.backup.verify_completed',
  ago = 60,
  payload = {},
  changes = {},
}: LineOptions = {}): string {
  return JSON.stringify({
    id: '0b6fd2a0-0000-4000-8000-000000000001',
    action,
    org_id: null,
    project_id: null,
    user_id: null,
    payload: {
      id: idAt(3, 'nightly'),
      success: true,
      datasets: 4,
      operator: {login: 'root', uid: 0, sudo_user: 'amira'},
      host: 'db-01',
      root: '/srv/magmoboce',
      program: 'magds',
      timestamp: noon / 1000 - ago,
      ...payload,
    },
    ip_address: '10.0.4.7',
    immutable: true,
    legal_hold_id: null,
    created_at: new Date(noon - ago * 1000).toISOString(),
    ...changes,
  });
}

/** Bytes of a line as they are read. */
export const readText = (text: string | Uint8Array, number = 0): LoggedLine => {
  const bytes = Buffer.from(text as string);
  return readLine({bytes, length: bytes.length, torn: false}, number);
};

/** A line that was read. */
export const aLogged = (number: number, options: LineOptions = {}): LoggedLine =>
  readText(logText({ago: 60 - number, ...options}), number);

export const failedVerification = (number: number): LoggedLine =>
  aLogged(number, {
    action: 'magdb.backup.verify_failed',
    payload: {
      reason: 'ledger: mismatch',
      datasets: [
        {name: 'ledger', status: 'mismatch', algorithm: 'sha256', expected: 'aa', actual: 'bb', reason: null},
      ],
      failed: 1,
    },
  });

/** The screen is open, and the log has been read: lines newest first. */
export const activityRead = (
  lines: LoggedLine[],
  {backup = null, end = 'the log begins there'}: {backup?: string | null; end?: string | null} = {},
): AppAction[] => [
  activitySlice.open({type: 'activity opened', backup}),
  activitySlice.to({type: 'activity found', log: {state: 'there', reason: null}}),
  activitySlice.to({type: 'activity went back', lines, end}),
];

export const appended = (...lines: LoggedLine[]): AppAction =>
  activitySlice.to({
    type: 'activity appended',
    lines,
  });
