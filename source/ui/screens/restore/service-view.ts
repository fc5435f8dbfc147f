import {escapeText} from '../../../engine/base/escape.ts';
import {type Holder, stopCommand} from '../../../engine/restore/holders.ts';
import {some} from '../../../presenters/fact.ts';
import {wrapWords} from '../../../presenters/graphemes.ts';
import type {Tone} from '../../../presenters/sentence.ts';
import {type Move, moveText} from '../../kit/scroll.ts';
import {recordHeight, type Size} from '../../layout.ts';
import type {RestoreTask} from './task.ts';
import {countText, writingNow} from './writes.ts';

/** A line of the screen, escaped; `isCommand`: something to be typed elsewhere. */
export type ServiceLine = {text: string; tone: Tone; isCommand?: boolean};

/** `isDeep`: it belongs to the line before it. */
type Text = {text: string; tone?: Tone; isCommand?: boolean; isDeep?: boolean};

/** Who may be writing, and how that is stopped: in lines of the screen. */
export function serviceLines(task: RestoreTask, columns: number): ServiceLine[] {
  const texts = [
    now(task),
    {text: ''},
    ...(task.settings.before.length > 0 ? hooks(task) : [...who(task), {text: ''}, ...byHook]),
  ];
  return texts.flatMap(({text, tone = 'none', isCommand, isDeep = false}): ServiceLine[] => {
    // What is to be typed is not broken where nobody can see it.
    if (isCommand) return [{text: `     ${escapeText(text)}`, tone, isCommand}];
    return wrapWords(escapeText(text), columns - 6).map((line, index) => ({
      text: line === '' ? '' : `   ${index > 0 || isDeep ? '  ' : ''}${line}`,
      tone,
    }));
  });
}

export const moveService = (task: RestoreTask, how: Move, size: Size): RestoreTask => ({
  ...task,
  serviceTop: moveText(task.serviceTop, how, serviceLines(task, size.columns).length, recordHeight(size)),
});

function now(task: RestoreTask): Text {
  const {holding, hooked, although, volatile} = writingNow(task);
  const must = [...holding, ...hooked, ...although];
  if (must.length > 0) return {text: `x WRITING ${countText(must)}`, tone: 'bad'};
  if (volatile.length > 0) return {text: `! WRITING ${countText(volatile)}: always changes`, tone: 'beware'};
  return {text: '+ Nobody is seen writing now.', tone: 'good'};
}

const commandsOf = (commands: string[][]): Text[] =>
  commands.map((parts) => ({text: parts.join(' '), isCommand: true}));

function hooks({settings: {before, after}}: RestoreTask): Text[] {
  return [
    {text: 'Hooks stop it by themselves. Once the id is typed, before anything changes:'},
    ...commandsOf(before),
    ...(after.length > 0
      ? [{text: 'Afterwards, however it ended, unless files are halfway:'}, ...commandsOf(after)]
      : [{text: '! No hooks.after_restore starts it again: that is by hand.', tone: 'beware' as const}]),
    {text: 'A hook that fails stops the restore, and nothing is changed.'},
  ];
}

const why: Record<Holder['why'], string> = {
  open: 'has the live files open',
  root: 'works in the root',
  php: 'serves PHP on this machine',
};

function who({holders, plan}: RestoreTask): Text[] {
  if (holders === null) return [{text: 'Looking at the processes ...'}];
  const unseen: Text[] =
    plan && plan.unseen > 0
      ? [{text: `? ${plan.unseen} processes of others cannot be seen: you are not root.`, tone: 'unknown'}]
      : [];
  const none: Text = {
    text: 'No process has the files open, or works in the root. PHP opens a file for each request, so that proves little.',
  };
  return [...(holders.length === 0 ? [none] : holders.flatMap(holderTexts)), ...unseen];
}

function holderTexts(holder: Holder): Text[] {
  const {name, pids, user, unit} = holder;
  const stop = stopCommand(holder);
  return [
    {text: `! ${name} ${some(pids, 3)}, user ${user}: ${why[holder.why]}`, tone: 'beware'},
    stop === null
      ? {text: 'no service of systemd: stop it the way it was started', isDeep: true}
      : {text: `${stop}${unit?.ofUser ? `   (as ${user})` : ''}`, isCommand: true},
  ];
}

const byHook: Text[] = [
  {text: 'To have it done by each restore, in storage/runbook/config.json:'},
  {text: '"hooks": {', isCommand: true},
  {text: '  "before_restore": [["systemctl", "stop", "..."]],', isCommand: true},
  {text: '  "after_restore": [["systemctl", "start", "..."]]}', isCommand: true},
];
