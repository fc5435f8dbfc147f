import {Announcer} from '../../source/engine/events/announcer.ts';

/**
 * Tells events in a process of its own: `append.ts ROOT NAME SINGLE TOGETHER`. The first are told one by one, each under
 * its own lock; the others as they come, fifty at a time. Says what could not be told, and how long the single ones took.
 */
const [, , root = '', name = '', single = '0', together = '0'] = process.argv;
const announcer = new Announcer(
  {root, backups: `${root}/storage/backups`, auditLog: `${root}/storage/logs/audit.log`},
  {},
);
const tell = (number: number) =>
  announcer.announce([
    {action: 'magdb.backup.pruned', payload: {id: `${name} ${number}`, reason: 'é/'.repeat(number % 400)}},
  ]);

const began = performance.now();
let number = 0;
for (; number < Number(single); number++) await tell(number);
const seconds = (performance.now() - began) / 1000;
for (let last = tell(number++); number < Number(single) + Number(together); number++) {
  if (number % 50 === 0) await last;
  last = tell(number);
}
const {problems} = await announcer.settle();
process.stdout.write(JSON.stringify({problems, seconds}));
