import {expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {makeRestorable, recordOf} from '../support/restores.ts';
import {magds} from '../support/run.ts';
import {openTerminal} from '../support/terminal.ts';

const from = (address: string) => ({SSH_CONNECTION: `${address} 50000 10.0.0.1 22`});

/** The checklist of session 1 in a terminal of somebody who came from there. */
async function checklistFrom(root: string, address: string) {
  const session = await openTerminal(['--root', root], {env: from(address)});
  await session.waitFor(/^ magds > Backups .*DEVELOPMENT/);
  await session.waitFor(/OPEN 1 /);
  session.keys('a');
  await session.waitFor(/NOT SIGNED OFF/);
  return session;
}

test('a second operator watches, takes the session over, and the first one takes it back', async () => {
  const {root, restore} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const amira = await checklistFrom(root, '10.0.4.7');
  const bob = await checklistFrom(root, '10.0.0.2');
  await amira.waitFor(/You watch: session 1 is with .+ from an unknown address since/);
  for (const each of [amira, bob]) {
    each.keys('d');
    await each.waitFor(
      /d not now: session 1 is with .+ from an unknown address since[\s\S]*takes it\s+over\./,
    );
    each.keys(key.escape);
    await each.waitFor(/OPEN 1 /);
    each.keys('a');
  }
  amira.keys('T');
  await amira.waitFor(/Take it over\. Type the session's number/);
  amira.keys(`2${key.enter}`);
  await amira.waitFor(/Type 1, the session's number/);
  amira.keys(`\u007f1${key.enter}`);
  await amira.waitFor(/Session 1 is yours now/);
  amira.keys('d');
  await amira.waitFor(/Done\. A note/);
  amira.keys(`checked${key.enter}`);
  await amira.waitFor(/NOT SIGNED OFF: 2 of 4/);

  await bob.waitFor(/You watch: session 1 is with .+ from 10\.0\.4\.7/);
  bob.keys('T');
  await bob.waitFor(/Type the session's number/);
  bob.keys(`1${key.enter}`);
  await bob.waitFor(/Session 1 is yours now/);

  await amira.waitFor(/You watch: session 1 was taken over by .+ from 10\.0\.0\.2\s+at/);
  amira.keys('d');
  await amira.waitFor(/d not now: session 1 was taken over by .* from 10\.0\.0\.2\s+at/);
  const step = ['session', 'step', 'service', '--done', '--root', root];
  expect(await magds(step)).toMatchObject({
    code: 11,
    stderr: expect.stringMatching(
      /^magds: Session 1 is with .+ from 10\.0\.0\.2 .*--take-over=1 takes it over/,
    ),
  });
  expect(await magds([...step, '--take-over=2'])).toMatchObject({code: 2});
  expect(await magds([...step, '--take-over=1'])).toMatchObject({code: 0});
  const taken = recordOf(root, 1).filter(({type}) => type === 'taken-over');
  expect(taken.map(({data}) => data['from'])).toEqual(['10.0.4.7', '10.0.0.2', null]);
});

test('the same operator goes on in a new terminal, and the old screen watches', async () => {
  const {root, restore} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const old = await openTerminal(['--root', root]);
  await old.waitFor(/OPEN 1 /);
  old.keys('a');
  await old.waitFor(/NOT SIGNED OFF/);
  const answer = async (screen: typeof old, now: RegExp) => {
    screen.keys('s');
    await screen.waitFor(/Skipped\. Why/);
    screen.keys(`later${key.enter}`);
    await screen.waitFor(now);
  };
  await answer(old, /NOT SIGNED OFF: 2 of 4/);
  const fresh = await openTerminal(['--root', root]);
  await fresh.waitFor(/OPEN 1 /);
  fresh.keys('a');
  await fresh.waitFor(/NOT SIGNED OFF/);
  await answer(fresh, /NOT SIGNED OFF: 3 of 4/);
  await old.waitFor(/You watch: session 1 went on in another terminal of yours at/);
});
