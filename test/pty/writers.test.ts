import fs from 'node:fs';
import {expect, onTestFinished, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {configure, recordOf} from '../support/restores.ts';
import {goingOn, good, makePlace, opened, planning, restored, waitingHook} from '../support/walking.ts';

/** Somebody writes to a live file again and again. @returns ends it */
function writing(root: string, name = 'tenants'): () => void {
  const file = `${root}/storage/data/${name}.json`;
  let count = 0;
  const timer = setInterval(() => fs.writeFileSync(file, `written ${count++}`), 100);
  const end = (): void => clearInterval(timer);
  onTestFinished(end);
  return end;
}

test('what is written while the plan is shown holds Enter up; W restores it all the same, and the record says so', async () => {
  const {root, live} = makePlace();
  const session = await opened(root);
  const {keys, waitFor} = session;
  await planning(session);
  const end = writing(root);
  await waitFor(
    /x WRITING {3}tenants: .* in 60s\. Stop the service first: s[\s\S]*Enter not yet: written now/,
  );
  keys(key.enter);
  await waitFor(/Enter not now: tenants is being written: s says how to stop the service, W\s+restores all/);
  keys('s');
  await waitFor(/THIS STOPS NOTHING[\s\S]*x WRITING tenants: [\s\S]*"before_restore"/);
  keys(key.escape);
  await waitFor(/NOTHING CHANGED YET/);
  keys('W');
  await waitFor(/what is written until the\s+switch is lost[\s\S]*Enter goes on/);
  await goingOn(session);
  await waitFor(/x WRITING {3}tenants[\s\S]*x being written/);
  keys(good);
  await waitFor(/23 of 23: Enter restores/);
  keys(key.enter);
  await waitFor(/\+ RESTORED/);
  end();
  expect(live()[1]).toBe(restored[1]);
  expect(recordOf(root, 1)[0]).toMatchObject({
    type: 'opened',
    data: {
      deviations: [
        expect.stringMatching(/^restored although it was written \(tenants: (once|\d+ times) in 60s\)$/),
      ],
    },
  });
});

test('a hook stops the service: what it writes until then holds nothing up, and is no deviation', async () => {
  const {root, live} = makePlace();
  const letGo = waitingHook(root);
  const session = await opened(root);
  const {keys, waitFor} = session;
  const end = writing(root);
  await planning(session, /! WRITING {3}tenants: .* in 60s; hooks\.before_restore runs/);
  // What was written to since is in the next plan what will be written until the hook.
  keys('r');
  await waitFor(/unaltered, just hashed[\s\S]*! WRITING[\s\S]*Enter goes on/);
  await goingOn(session);
  keys(good);
  await waitFor(/23 of 23: Enter restores/);
  keys(key.enter);
  await waitFor(/- hook: bash/);
  end();
  letGo();
  await waitFor(/\+ RESTORED/);
  expect(live()).toEqual(restored);
  expect(recordOf(root, 1)[0]?.data).not.toHaveProperty('deviations');
});

test('what is left out, or only lies there freshly copied, holds nothing up', async () => {
  const {root} = makePlace();
  configure(root, {});
  const session = await opened(root);
  const {keys, waitFor} = session;
  writing(root, 'ledger');
  await planning(session, /x WRITING {3}ledger[\s\S]*Enter not yet: written now/);
  keys('j ');
  await waitFor(/\[ \] ledger[\s\S]*! ELSEWHERE[\s\S]*Enter goes on with tenants/);
});
