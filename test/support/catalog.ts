import {aDataset, aRow, idAt, verification} from './states.ts';

const dataset = (name: string, content: string) => aDataset(name, {content: `sha256:${content}`});
/** Four backups, newest first: never verified, verified, short of a copy, cut off. */
export const rows = [
  aRow(idAt(1, 'nightly'), {datasets: [dataset('tenants', '3'), dataset('ledger', '1')]}),
  aRow(idAt(9, 'release'), {
    datasets: [dataset('tenants', '2'), dataset('ledger', '1')],
    verification: verification('verified'),
  }),
  aRow(idAt(33), {
    datasets: [dataset('tenants', '2'), aDataset('ledger', {bytes: null, flaw: 'the copy is missing'})],
  }),
  aRow(idAt(80), {state: 'interrupted', datasets: [], reason: 'no manifest.json'}),
];
export const [newest, verified] = rows.map(({id}) => id) as [string, string];
