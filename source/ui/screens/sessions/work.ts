import type {Directory} from '../../../engine/base/directory.ts';
import {
  type CheckedStep,
  checkReplaces,
  checkStep,
  recordAnswer,
  recordTime,
} from '../../../engine/checklist/answer.ts';
import {sinceRestore} from '../../../engine/checklist/since.ts';
import {restoreSettings} from '../../../engine/config/own-settings.ts';
import {inspect} from '../../../engine/restore/recover.ts';
import {recoverStopped} from '../../../engine/restore/recover-stopped.ts';
import {openWriter, type Writer} from '../../../engine/retention/writer.ts';
import type {Answer} from '../../../engine/session/checklist.ts';
import {isLine} from '../../../engine/session/lines.ts';
import {sessionGone, sessionsMark, stoppedSession} from '../../../engine/session/sessions.ts';
import {type Story, stories} from '../../../engine/session/story.ts';
import {goOn, takeOver} from '../../../engine/session/take-over.ts';
import {type TimeName, timeNote} from '../../../engine/session/times.ts';
import {findState} from '../../../engine/storage/runbook/state-directory.ts';
import {currentScreen} from '../../state.ts';
import {inTurn, projectOf, type Workplace} from '../../work.ts';
import {stoppedSlice} from '../stopped/state.ts';
import {openedStory, sessionsSlice} from './state.ts';

/** Milliseconds between two looks at what others did. */
const lookAgain = 3000;

/** What is done to a session; gives what is to be said of it. It is given the session as it is once nobody else writes. */
type Action = (writer: Writer, story: Story) => string | null;

/** Reads the sessions, answers their steps, signs them off, recovers what stopped. */
export function sessionsWork({store, signal, pool, run, finish, tell}: Workplace) {
  let seenMark = '';
  const checking = inTurn(signal);
  const storyOf = (session: number): Story | undefined =>
    store.get().sessions.stories?.find(({number}) => number === session);

  async function refresh(): Promise<void> {
    const {root} = store.get().place;
    using state = root === null ? null : findState(root);
    if (state) lookSince(state);
    const mark = state ? sessionsMark(state) : 'none';
    // Whether a process still runs is not seen from its files.
    const isDue = store.get().sessions.stories?.some(({state: at}) => at === 'at work') ?? true;
    if (mark === seenMark && !isDue) return await lookFinal(state, false);
    const all = stories(state).toReversed();
    store.dispatch({type: 'sessions read', stories: all});
    await findStopped(state, all);
    seenMark = mark;
    await lookFinal(state, true);
  }

  /**
   * While the checklist of a session that is signed off is looked at: the evidence that says so, whoever signed it off.
   * @param again also where it was looked for before
   */
  async function lookFinal(state: Directory | null, again: boolean): Promise<void> {
    const app = store.get();
    const story = openedStory(app);
    if (currentScreen(app) !== 'checklist' || !story?.closed || story.drill) return;
    const {number, lines} = story;
    if (app.sessions.final?.session === number && !again) return;
    const {readIndex} = await import('../../../engine/evidence/place.ts');
    const over = lines.findLast(isLine('closed', 'undone'))?.at;
    const file = readIndex(state).findLast(
      ({session, at}) => session === number && over !== undefined && at >= over,
    )?.file;
    store.dispatch({type: 'final evidence read', session: number, file: file ?? null});
  }

  /** While a checklist is looked at: whether the live files are still what was restored. */
  function lookSince(state: Directory): void {
    const app = store.get();
    const story = openedStory(app);
    if (currentScreen(app) !== 'checklist' || !story || story.closed || story.drill) return;
    const since = {session: story.number, datasets: sinceRestore(state, story.number)};
    if (JSON.stringify(since) !== JSON.stringify(app.sessions.since))
      store.dispatch({type: 'since read', ...since});
  }

  async function findStopped(state: Directory | null, all: Story[]): Promise<void> {
    const session = stoppedSession(state);
    if (session?.read.state !== 'read') {
      if (store.get().stopped) store.dispatch({type: 'stopped settled'});
      return;
    }
    const {journal, untrusted} = session.read;
    const {id, undoes, drill, phase} = journal;
    const story = all.find(({number}) => number === session.number);
    // What somebody may have forged names any file there is: it is not looked at.
    const isLookedAt = untrusted === null && phase !== 'prepare';
    const judged = isLookedAt ? await inspect(journal, pool()) : [];
    if (signal.aborted) return;
    store.dispatch({
      type: 'stopped found',
      stopped: {
        session: session.number,
        id,
        undoes,
        drill,
        phase,
        untrusted,
        operator: story?.operator ?? null,
        ticket: story?.ticket ?? null,
        at: story?.lines.at(-1)?.at ?? null,
        pid: journal.process.pid,
        files: judged.map(({target, standing}) => ({
          dataset: target.dataset,
          target: target.path,
          standing,
        })),
      },
    });
  }

  /** What is on the screen now may be replaced; an answer that somebody gave since may not. */
  function seenIn(session: number, id: string): (fresh: Story) => void {
    const seen = storyOf(session)?.steps.find((step) => step.id === id)?.answer?.at ?? null;
    return (fresh) => checkReplaces(fresh, id, seen, 'Look at it, and answer again to replace it');
  }

  async function checkByMachine(session: number, id: string): Promise<void> {
    const story = storyOf(session);
    const step = story?.steps.find((each) => each.id === id);
    if (!story || !step) return;
    const stop = checking.begin();
    const checkSeen = seenIn(session, id);
    store.dispatch({type: 'check started', session, step: id});
    const place = projectOf(store);
    const {seconds} = restoreSettings(place.root);
    const check: CheckedStep = await checkStep({
      place,
      story,
      step,
      pool: pool(),
      signal: stop,
      seconds,
      progress: (done, total) => store.dispatch({type: 'check progress', done, total}),
    });
    if (stop.aborted) return;
    await writing(`session step ${id}`, session, ({state}, fresh) => {
      checkSeen(fresh);
      recordAnswer(state, fresh, check);
      const last = check.output?.output.trimEnd().split('\n').at(-1);
      return last ? `It said: ${last}` : null;
    });
  }

  async function recoverNow(direction: 'forward' | 'back'): Promise<void> {
    const {journal, beware} = await recoverStopped({
      place: projectOf(store),
      pool: pool(),
      direction,
      keep: new Set(),
      take: new Set(),
      breakHost: undefined,
      tidied: () => {},
    });
    await refresh();
    const {session} = journal;
    const now =
      direction === 'forward' ? 'finished: all files are new' : 'taken back: all files are as before';
    const notes = beware.map((line) => ` ! ${line}.`).join('');
    if (direction === 'forward' && !journal.drill)
      store.dispatch(sessionsSlice.open({type: 'checklist opened', session}, 'checklist'));
    tell(`Session ${session} is ${now}.${notes}`, beware.length > 0 ? 'beware' : 'plain');
  }

  /** Answers for a session, which has to be this screen's. */
  function writing(doing: string, session: number, action: Action): Promise<void> {
    const {me} = store.get();
    return locked(doing, session, (writer, story) => {
      goOn(writer.state, story, me, 'T on the checklist takes it over');
      return action(writer, story);
    });
  }

  async function locked(doing: string, session: number, action: Action): Promise<void> {
    {
      using writer = openWriter({...projectOf(store), doing, recovering: true});
      const story = stories(writer.state).find(({number}) => number === session);
      if (!story) throw sessionGone(session);
      const text = action(writer, story);
      if (text !== null) tell(text, 'plain');
    }
    await refresh();
  }

  return {
    refresh,
    /** Reads the sessions now, and whenever something of them changes. */
    watch(): void {
      const look = (): void => run(refresh());
      look();
      const timer = setInterval(look, lookAgain);
      signal.addEventListener('abort', () => {
        clearInterval(timer);
      });
    },
    /** Answers a step by somebody's word. */
    answer(session: number, answer: Answer, serviceBack?: number): void {
      const checkSeen = seenIn(session, answer.step);
      const work = writing(`session step ${answer.step}`, session, ({state}, story) => {
        checkSeen(story);
        const beside = serviceBack === undefined ? [] : [timeNote('service-back', serviceBack)];
        recordAnswer(state, story, {answer, output: null}, beside);
        return null;
      });
      finish(work);
    },
    /** Records when something of the incident was. */
    recordTime(session: number, what: TimeName, at: number): void {
      const work = writing(`session time ${what}`, session, ({state}, story) => {
        recordTime(state, story, what, at);
        return null;
      });
      finish(work);
    },
    /** Answers a step by machine. */
    check: (session: number, step: string): void =>
      finish(checkByMachine(session, step).finally(() => store.dispatch({type: 'check ended'}))),
    stopCheck: checking.stop,
    /** Takes a session over: whoever had it watches from then on. */
    takeOver(session: number): void {
      const {me} = store.get();
      const work = locked('session take-over', session, ({state}, story) => {
        takeOver(state, story, me);
        return `Session ${session} is yours now; whoever had it watches.`;
      });
      finish(work);
    },
    /** Finishes the restore that stopped, or takes it back. */
    recover(direction: 'forward' | 'back'): void {
      store.dispatch(stoppedSlice.to({type: 'recovery started'}));
      finish(
        recoverNow(direction).catch((error: unknown) => {
          store.dispatch(stoppedSlice.to({type: 'recovery failed'}));
          throw error;
        }),
      );
    },
  };
}
