import {escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {
  type CheckedStep,
  checkOpen,
  checkReplaces,
  checkStep,
  recordAnswer,
} from '../engine/checklist/answer.ts';
import {restoreSettings} from '../engine/config/own-settings.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {isCheckable, openSteps, type Step, serviceStep} from '../engine/session/checklist.ts';
import {type Story, stories} from '../engine/session/story.ts';
import {writeEscaped, writeJson, writeLine, writeOut} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openToWrite, wrongUsage} from './command.ts';
import {note, session, yes} from './flags.ts';
import {marks, storyJson} from './session-text.ts';
import {find, isTaken, readStories, writing, writingFlags} from './sessions.ts';

const flags = {
  session,
  done: yes('the step is done'),
  fail: yes('it failed; --note says how'),
  skip: yes('it is skipped; --note says why'),
  note,
  replace: yes('answer a step again; the record keeps both answers'),
  ...writingFlags,
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary:
    'answer a step of the checklist; without --done, --fail or --skip the machine checks it, where it can',
  task: 'Restore',
  operands: ['STEP'],
  flags,
  examples: ['magds session step service --done --note="the shop sells again"'],
  run,
};

/** The answer that the flags give; null where a machine is to find it. */
function given(flags: Call['flags'], step: Step): CheckedStep | null {
  const states = (['done', 'fail', 'skip'] as const).filter((name) => flags[name] !== undefined);
  const [state] = states;
  if (states.length > 1) wrongUsage('Give one of --done, --fail, --skip. Nothing was answered.');
  if (!state) {
    if (isCheckable(step)) return null;
    wrongUsage(
      `Step ${step.id} is for a person to answer: --done, --fail or --skip, with --note=…. Nothing was answered.`,
    );
  }
  const note = flags.note?.trim() || null;
  if (state !== 'done' && note === null)
    wrongUsage(`--${state} needs a reason: --note=…. Nothing was answered.`);
  const words = {done: 'done', fail: 'failed', skip: 'skipped'} as const;
  return {answer: {step: step.id, state: words[state], machine: false, note}, output: null};
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, rest, signal} = invocation;
  const place = await openToWrite(invocation);
  try {
    const story = find(readStories(place.root), flags.session);
    const [wanted = ''] = rest;
    const step = story.steps.find(({id}, index) => id === wanted || String(index + 1) === wanted);
    if (!step)
      wrongUsage(
        story.steps.length === 0
          ? `Session ${story.number} has no checklist: it restored nothing that needs checking.`
          : `Which step? ${story.steps.map(({id}, index) => `${index + 1} ${id}`).join(', ')}.`,
      );
    const checkSeen = (current: Story, seen: Step['answer']): void => {
      checkOpen(current, 'answered');
      checkReplaces(current, step.id, seen?.at ?? null, '--replace replaces that');
    };
    isTaken(story, flags);
    checkSeen(story, flags.replace ? step.answer : null);
    const {seconds} = restoreSettings(place.root);
    const check =
      given(flags, step) ?? (await checkStep({place, story, step, pool: sharedPool(), signal, seconds}));
    const now = await writing(
      invocation,
      `session step ${step.id}`,
      place,
      (fresh, {state}) => {
        checkSeen(fresh, step.answer);
        recordAnswer(state, fresh, check);
        return find(stories(state), String(fresh.number));
      },
      String(story.number),
    );
    const {answer} = check;
    if (flags.json) await writeJson({message_type: 'summary', command: 'session:step', ...storyJson(now)});
    else {
      if (check.output)
        await writeOut(`${check.output.output.split('\n').map(escapeText).join('\n').trimEnd()}\n`);
      await writeEscaped(
        `${marks[answer.state]} ${step.id}: ${answer.state}${answer.note ? `: ${answer.note}` : ''}`,
      );
      if (isCheckable(step) && !answer.machine && answer.state === 'done')
        await writeLine(
          `! On your word, not checked. To have it checked: magds session step ${step.id} --replace`,
        );
      const open = openSteps(now.steps);
      const next =
        open.length === 0
          ? `All are answered: magds session close ${now.number}`
          : `Open: ${open.map(({id}) => id).join(', ')}`;
      await writeLine(next);
      if (step.id === serviceStep && answer.state === 'done' && now.times.serviceBack === null)
        await writeLine('When was it back? magds session time service-back TIME');
    }
    return answer.state === 'failed' && answer.machine ? exitCode.verificationFailed : exitCode.done;
  } finally {
    sharedPool().close();
  }
}
