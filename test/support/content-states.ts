import type {ContentSummary} from '../../source/engine/content/check.ts';
import type {ContentResult} from '../../source/engine/storage/content.ts';
import type {AppAction} from '../../source/ui/state.ts';

const result = (dataset: string, changes: Partial<ContentResult>): ContentResult => ({
  dataset,
  kind: 'json',
  state: 'sound',
  check: 'parse',
  detail: null,
  ...changes,
});

/** What the app is told while the tenants (JSON) and the ledger (SQLite) of a backup are looked into. */
export function contentEvents(id: string) {
  const checked = (name: string, found: ContentResult): AppAction => ({
    type: 'content event',
    event: {type: 'content checked', id, name, result: found},
  });
  const finished = (outcome: ContentSummary['outcome'], results: ContentResult[]): AppAction => ({
    type: 'content event',
    event: {type: 'content finished', id, summary: {outcome, results, others: 0, note: null}},
  });
  const brokenLedger = (name: string, detail: string) =>
    result(name, {kind: 'sqlite', state: 'broken', check: 'integrity_check', detail});
  const started: AppAction = {
    type: 'content event',
    event: {
      type: 'content started',
      id,
      datasets: [
        {name: 'tenants', kind: 'json'},
        {name: 'ledger', kind: 'sqlite'},
      ],
    },
  };
  return {
    started,
    checking: (name: string): AppAction => ({
      type: 'content event',
      event: {type: 'content checking', id, name},
    }),
    sound: (name: string) => checked(name, result(name, {})),
    broken: (name: string, detail: string): AppAction[] => [
      checked(name, brokenLedger(name, detail)),
      finished('broken', [result('tenants', {}), brokenLedger(name, detail)]),
    ],
    cancelled: finished('cancelled', [result('tenants', {})]),
  };
}
