import path from 'node:path';
import {formatBytes, formatDuration} from '../../base/format.ts';
import {type EventName, type Payload, registry} from '../../storage/events.ts';

/** What an event amounts to, in few words, and whether it is good; not escaped. */
export type EventResult = {tone: 'good' | 'bad' | 'beware' | 'none'; text: string};

/** Characters of a result that are kept. */
const mostOfResult = 1000;

const result = (tone: EventResult['tone'], ...parts: (string | null | false)[]): EventResult => ({
  tone,
  text: parts.filter((part) => part !== null && part !== false && part !== '').join(', '),
});

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
const took = (seconds: number | null): string | null => (seconds === null ? null : formatDuration(seconds));

const kindOf = ({drill, undoes}: {drill: boolean; undoes: number | null}): string | null =>
  undoes !== null ? `undo of session ${undoes}` : drill ? 'drill' : null;

/** The names first: a list has room for a few words. */
const failedOf = ({datasets, reason}: Payload<'magdb.backup.verify_failed'>): string =>
  datasets.length === 0 ? reason : datasets.map(({name, status}) => `${name} ${status}`).join(', ');

const results: {[Name in EventName]: (payload: Payload<Name>) => EventResult} = {
  'magdb.backup.completed': ({missing, datasets, bytes, seconds}) =>
    result(
      missing.length > 0 ? 'beware' : 'good',
      missing.length > 0 && `without ${missing.join(' ')}`,
      counted(datasets, 'dataset'),
      formatBytes(bytes),
      took(seconds),
    ),
  'magdb.backup.failed': ({reason}) => result('bad', reason),
  'magdb.backup.pruned': ({reason}) => result('none', reason),
  'magdb.backup.verify_completed': ({success, datasets}) =>
    result(success ? 'good' : 'bad', success ? 'passed' : 'did not pass', counted(datasets, 'dataset')),
  'magdb.backup.verify_failed': (payload) => result('bad', failedOf(payload)),
  'magdb.restore.started': ({datasets, deviations, ticket, ...about}) =>
    result(
      deviations.length > 0 ? 'beware' : 'none',
      kindOf(about),
      datasets.join(' '),
      ticket,
      deviations.length > 0 && `deviations: ${deviations.join('; ')}`,
    ),
  'magdb.restore.completed': ({files, seconds, ...about}) =>
    result('good', kindOf(about), counted(files, 'file'), took(seconds)),
  'magdb.restore.failed': ({outcome, reason, ...about}) =>
    result(
      outcome === 'cancelled' ? 'beware' : 'bad',
      kindOf(about),
      reason === outcome ? outcome : `${outcome}: ${reason}`,
    ),
  'magdb.restore.rolled_back': ({reason, ...about}) => result('beware', kindOf(about), reason),
  'magdb.evidence.exported': ({file, session, signed_by}) =>
    result(
      signed_by === null ? 'beware' : 'good',
      session !== null && `session ${session}`,
      signed_by === null ? 'unsigned' : 'signed',
      path.basename(file),
    ),
  'magdb.checklist.completed': ({session, done, failed, skipped}) =>
    result(
      failed + skipped > 0 ? 'beware' : 'good',
      `session ${session}`,
      `${done} done`,
      failed > 0 && `${failed} failed`,
      skipped > 0 && `${skipped} skipped`,
    ),
};

const isOurs = (action: string): action is EventName => Object.hasOwn(registry, action);

/** What is said of an event whose payload is none of ours: what it begins with. */
function told(action: string, payload: unknown): EventResult {
  // Also where nothing can be read of it, that something failed is not to be missed.
  const worst = isOurs(action) && action.endsWith('failed') ? 'bad' : 'none';
  if (typeof payload !== 'object' || payload === null) return result(worst);
  const entries = Object.entries(payload).filter(([key]) => key !== 'id' && key !== 'timestamp');
  const texts = entries.flatMap(([key, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value) ? [`${key} ${String(value).slice(0, 100)}`] : [],
  );
  // Another program's events have other names for it; this one is in the runbook.
  const success = entries.find(([key]) => key === 'success')?.[1];
  return result(success === false ? 'bad' : success === true ? 'good' : worst, ...texts.slice(0, 5));
}

function ofPayload<Name extends EventName>(action: Name, payload: unknown): EventResult | null {
  const read = registry[action].fields.safeParse(payload);
  return read.success ? results[action](read.data as Payload<Name>) : null;
}

/** @param payload as it stands in the log: it may be anything */
export function resultOf(action: string, payload: unknown): EventResult {
  const known = isOurs(action) ? ofPayload(action, payload) : null;
  const {tone, text} = known ?? told(action, payload);
  return {tone, text: text.slice(0, mostOfResult)};
}
