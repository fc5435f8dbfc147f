import {type Holder, stopCommand} from '../../../engine/restore/holders.ts';
import {some} from '../../../presenters/fact.ts';
import {heightOf} from '../../kit/part.tsx';
import {type Move, moveText} from '../../kit/scroll.ts';
import {ScrollText, whereIn} from '../../kit/scroll-text.tsx';
import {Gap, Page} from '../../kit/stack.tsx';
import {Notice, TextLine} from '../../kit/words.tsx';
import {type Size, textHeight} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import type {RestoreTask} from './task.ts';
import {countText, writingNow} from './writes.ts';

/** Who may be writing, and how that is stopped. Nothing is stopped by it. */
export function ServiceView({state: {size}, slice: task}: ViewProps<RestoreTask | null>) {
  if (!task) return null;
  const height = textHeight(size);
  const text = serviceText(task);
  const count = heightOf(text, size.columns);
  const top = Math.min(task.serviceTop, Math.max(0, count - height));
  const where = count > height ? `   ${whereIn(top, height, count)}` : '';
  return (
    <Page>
      <TextLine wide look="strong" of={`THIS STOPS NOTHING${where}`} />
      <ScrollText top={top} height={height}>
        {text}
      </ScrollText>
    </Page>
  );
}

export const moveService = (task: RestoreTask, how: Move, size: Size): RestoreTask => ({
  ...task,
  serviceTop: moveText(task.serviceTop, how, heightOf(serviceText(task), size.columns), textHeight(size)),
});

/** Who may be writing, and how that is stopped. */
function serviceText(task: RestoreTask) {
  const {before} = task.settings;
  return (
    <>
      {writing(task)}
      <Gap />
      {before.length > 0 ? (
        hooks(task)
      ) : (
        <>
          {who(task)}
          <Gap />
          {byHook}
        </>
      )}
    </>
  );
}

function writing(task: RestoreTask) {
  const {holding, hooked, although, volatile} = writingNow(task);
  const must = [...holding, ...hooked, ...although];
  if (must.length > 0) return <Notice mark="x" text={`WRITING ${countText(must)}`} />;
  if (volatile.length > 0) return <Notice mark="!" text={`WRITING ${countText(volatile)}: always changes`} />;
  return <Notice mark="+" text="Nobody is seen writing just now." />;
}

/** What is to be typed elsewhere: it is not broken where nobody can see it. */
const commands = (all: string[]) => all.map((each) => <TextLine key={each} look="strong" of={`  ${each}`} />);
const joined = (all: string[][]) => commands(all.map((parts) => parts.join(' ')));

function hooks({settings: {before, after}}: RestoreTask) {
  return (
    <>
      <Notice text="Hooks stop it. Once the id is typed, before anything changes:" />
      {joined(before)}
      {after.length > 0 ? (
        <>
          <Notice text="Afterwards, however it ended, unless it stopped halfway:" />
          {joined(after)}
        </>
      ) : (
        <Notice mark="!" text="No hooks.after_restore: start it again by hand." />
      )}
      <Notice text="A hook that fails stops the restore, and nothing is changed." />
    </>
  );
}

const why: Record<Holder['why'], string> = {
  open: 'has the live files open',
  root: 'works in the root',
  php: 'serves PHP on this machine',
};

function who({holders, plan}: RestoreTask) {
  if (holders === null) return <Notice text="Looking at the processes ..." />;
  return (
    <>
      {holders.map(holderOf)}
      {holders.length === 0 && (
        <Notice text="No process has the files open, or works in the root. PHP opens a file for each request, so that proves little." />
      )}
      {plan && plan.unseen > 0 && (
        <Notice mark="?" text={`${plan.unseen} processes of others cannot be seen: you are not root.`} />
      )}
    </>
  );
}

function holderOf(holder: Holder) {
  const {name, pids, user, unit} = holder;
  const stop = stopCommand(holder);
  return [
    <Notice key={name} mark="!" text={`${name} ${some(pids, 3)}, user ${user}: ${why[holder.why]}`} />,
    stop === null ? (
      <Notice key="stop" deep text="no service of systemd: stop it the way it was started" />
    ) : (
      commands([`${stop}${unit?.ofUser ? `   (as ${user})` : ''}`])
    ),
  ];
}

const byHook = (
  <>
    <Notice text="To have it done by each restore, in storage/runbook/config.json:" />
    {commands([
      '"hooks": {',
      '  "before_restore": [["systemctl", "stop", "..."]],',
      '  "after_restore": [["systemctl", "start", "..."]]}',
    ])}
  </>
);
