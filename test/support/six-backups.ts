import {makeBackup, makeRoot} from './backups.ts';

/** Six backups, an hour apart; the oldest holds most bytes, one has no manifest that can be read. */
export function makeCatalog() {
  const {root, backups} = makeRoot();
  const ids = [6, 5, 4, 3, 2, 1].map((hour) => `20261123_0${hour}0000_${hour === 1 ? 'release' : 'nightly'}`);
  const built = ids.map((id, index) =>
    makeBackup({
      backups,
      id,
      label: id.slice(16),
      datasets: [{name: 'tenants', content: 'x'.repeat(1000 * (index + 1))}, {name: 'ledger'}],
      ...(index === 2 ? {manifest: (text: string) => text.slice(0, 50)} : {}),
    }),
  );
  return {root, backups, ids, built};
}
