import fs from 'node:fs';
import path from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {runnerWord} from '../../source/engine/base/own-words.ts';
import {makeRoot} from '../support/backups.ts';
import {CountedClients, type Fault, killed} from '../support/counted-clients.ts';
import {isFull, sample, sweepTime, sweepTurn} from '../support/faults.ts';
import {phpFile} from '../support/php-config.ts';
import {type Cluster, noServer, startCluster} from '../support/postgres.ts';
import {node, program} from '../support/program.ts';
import {Tally} from '../support/restore-points.ts';
import {restoreRootLike} from '../support/restore-root.ts';
import {beginRestore, endOf, phaseOf} from '../support/restore-runner.ts';
import {stageOf} from '../support/restore-sweep.ts';
import {signOff} from '../support/restores.ts';
import {execute, magds} from '../support/run.ts';

describe.skipIf(noServer !== null)('a restore of files and a database', () => {
  let cluster: Cluster;
  let template: {root: string; id: string};
  let number = 0;
  /** What the clients of a restore do that nothing happens to. */
  let steps = '';

  beforeAll(async () => {
    // It is made to last: what a server that was killed has confirmed must be there.
    cluster = startCluster({fsync: true, settings: {max_connections: '40'}});
    const {root, backups} = makeRoot();
    fs.mkdirSync(path.join(root, 'storage/data'), {recursive: true});
    fs.mkdirSync(path.join(root, 'config/base'), {recursive: true});
    fs.mkdirSync(path.join(root, 'storage/runbook'), {mode: 0o700});
    fs.writeFileSync(path.join(root, 'config/base/magds.php'), phpFile({}));
    fs.writeFileSync(path.join(root, 'storage/data/tenants.json'), 'old');
    const entry = {
      name: 'shop',
      type: 'postgres',
      socket: cluster.socket,
      user: 'postgres',
      database: 'shop',
    };
    const datasets = [entry, {name: 'tenants', source: 'storage/data/tenants.json'}];
    const config = {version: 1, backup: {datasets}};
    fs.writeFileSync(path.join(root, 'storage/runbook/config.json'), JSON.stringify(config), {mode: 0o600});
    cluster.sql('CREATE DATABASE shop');
    cluster.sql(
      'CREATE TABLE accounts (id int PRIMARY KEY); INSERT INTO accounts SELECT generate_series(1, 500)',
      'shop',
    );
    expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0, stderr: ''});
    const [id = ''] = fs.readdirSync(backups);
    fs.writeFileSync(path.join(root, 'storage/data/tenants.json'), 'new!');
    cluster.sql('DELETE FROM accounts WHERE id > 7', 'shop');
    // What is made in the directory of a test is gone after it.
    const at = `${cluster.directory}/template`;
    fs.mkdirSync(at);
    template = restoreRootLike({root, id}, at);
    const baseline = await begin();
    const {clients, ended} = run(baseline);
    expect(await ended).toMatchObject({code: 0});
    expect(expectWhole(baseline)).toBe('new');
    steps = clients.steps;
  }, sweepTime);

  const sql = (statements: string, database = 'postgres'): string => cluster.sql(statements, database);

  /** A root and a database of its own, and a restore that has not begun. */
  async function begin() {
    const made = restoreRootLike(template);
    const database = `shop${++number}`;
    sql(`CREATE DATABASE ${database} TEMPLATE shop`);
    const config = path.join(made.root, 'storage/runbook/config.json');
    fs.writeFileSync(
      config,
      fs.readFileSync(config, 'utf8').replace('"database":"shop"', `"database":"${database}"`),
    );
    const begun = await beginRestore(made, {safety: number % 3 !== 0, allowed: [`database:${database}`]});
    return {...begun, database, oid: sql(`SELECT oid FROM pg_database WHERE datname = '${database}'`)};
  }
  type Begun = Awaited<ReturnType<typeof begin>>;

  const run = ({request}: Begun, fault: Fault | null = null) => {
    const clients = new CountedClients(cluster.bin, fault);
    return {clients, ended: execute(node, [program, runnerWord], {stdin: request, env: clients.env})};
  };

  /** What is live, of file and database together, and nothing else of the restore. */
  function expectWhole({root, database, oid, session}: Begun): 'old' | 'new' {
    const file = fs.readFileSync(path.join(root, 'storage/data/tenants.json'), 'utf8');
    const rows = sql('SELECT count(*) FROM accounts', database);
    const now = sql(`SELECT oid FROM pg_database WHERE datname = '${database}'`);
    const others = sql(`SELECT datname FROM pg_database WHERE datname LIKE '${database}\\_%'`);
    const state = file === 'new!' ? 'old' : 'new';
    expect({file, rows, isOld: now === oid, others}).toEqual(
      state === 'old'
        ? {file: 'new!', rows: '7', isOld: true, others: ''}
        : {file: 'old', rows: '500', isOld: false, others: `${database}_before_${session}`},
    );
    expect(fs.readdirSync(path.join(root, 'storage/data')).filter((name) => name.endsWith('-new'))).toEqual(
      [],
    );
    return state;
  }

  /** The operator's way out, and what there is then. */
  async function recover(begun: Begun, preferred: '--resume' | '--rollback'): Promise<void> {
    const {root, session, database} = begun;
    const phase = phaseOf(begun);
    if (phase === 'prepare' || phase === 'commit' || phase === 'back') {
      const way = phase === 'commit' ? preferred : '--rollback';
      expect(await magds(['restore', way, '--root', root]), way).toMatchObject({code: 0});
      expect(phaseOf(begun)).toBe(way === '--resume' ? 'done' : 'rolled-back');
    }
    const state = expectWhole(begun);
    expect(state).toBe(phaseOf(begun) === 'done' ? 'new' : 'old');
    if (state === 'new') {
      expect(await signOff(root, session)).toMatchObject({code: 0, stderr: ''});
      expect(sql(`SELECT datname FROM pg_database WHERE datname LIKE '${database}\\_%'`)).toBe('');
    }
    sql(`DROP DATABASE ${database}`);
    fs.rmSync(root, {recursive: true, force: true});
  }

  test('is killed at every step of its clients, and is recovered', {timeout: sweepTime}, async () => {
    const all = Array.from(steps, (_, index) => index + 1);
    // The last third is the switch and what follows.
    const third = Math.floor(all.length / 3);
    const points = isFull
      ? sample(all, 100)
      : [...sample(all.slice(third, -third), 1), ...sample(all.slice(-third), 3)];
    const tally = new Tally('kill, a file and a database');
    for (const [index, at] of points.entries())
      await tally.at(`step ${at}`, async () => {
        const begun = await begin();
        const turn = index + sweepTurn;
        const {signal} = await run(begun, {at, when: turn % 2 === 0 ? 'after' : 'before', strike: killed})
          .ended;
        if (signal === 'SIGKILL') tally.hit(stageOf(begun));
        await recover(begun, turn % 4 < 2 ? '--resume' : '--rollback');
      });
    // Of a few points not each stage has one, but for the switch, which most of them are in.
    tally.settle(isFull ? ['prepare', 'commit'] : ['commit'], all.length);
  });

  test('a pg_restore that is killed changes nothing', {timeout: sweepTime}, async () => {
    // The first one lists what the dump holds.
    const begun = await begin();
    const {ended} = run(begun, {at: 3, of: 'r', when: 'after', strike: 'kill -9 $2'});
    expect(await ended).toMatchObject({code: 5});
    const {finished} = await endOf(begun);
    expect(finished).toMatchObject({outcome: 'refused', reason: expect.stringMatching(/^shop: /)});
    await recover(begun, '--rollback');
  });

  test.each([
    ['while it is loaded', 'r', () => 3],
    ['in the middle of the switch', 'R', () => [...steps.matchAll(/R/g)].length],
  ])(
    'a server that is shut down at once %s is a restore that stopped',
    {timeout: sweepTime},
    async (_, of, step) => {
      const begun = await begin();
      const {ended} = run(begun, {at: step(), of, when: 'after', strike: `kill -QUIT ${cluster.pid}`});
      expect(await ended).toMatchObject({code: 6});
      const {finished} = await endOf(begun);
      expect(finished).toMatchObject({outcome: 'needs-recovery', reason: expect.stringMatching(/^shop: /)});
      cluster.stop('immediate');
      cluster.start();
      await recover(begun, '--rollback');
    },
  );
});
