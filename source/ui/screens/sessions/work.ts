import type {Directory} from '../../../engine/base/directory.ts';
import {exitCode, Problem} from '../../../engine/base/problem.ts';
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
import {sessionsMark, stoppedSession} from '../../../engine/session/sessions.ts';
import {type Story, stories} from '../../../engine/session/story.ts';
import {goOn, takeOver} from '../../../engine/session/take-over.ts';
import {type TimeName, timeNote} from '../../../engine/session/times.ts';
import {findState} from '../../../engine/storage/runbook/state-directory.ts';
import {type AppStore, currentScreen} from '../../state.ts';
import {projectOf, type Workplace} from '../../work.ts';
import {stoppedSlice} from '../stopped/state.ts';
import {openedStory, sessionsSlice} from './state.ts';

/** Milliseconds between two looks at what others did. */
const lookAgain = 3000;

/** Reads the sessions, answers their steps, signs them off, recovers what stopped. */
export class SessionsWork {
  readonly #place: Workplace;
  #mark = '';
  #checking: AbortController | null = null;

  constructor(place: Workplace) {
    this.#place = place;
  }

  get #store(): AppStore {
    return this.#place.store;
  }

  /** Reads the sessions now, and whenever something of them changes. */
  watch(): void {
    const look = (): void => this.#place.run(this.refresh());
    look();
    const timer = setInterval(look, lookAgain);
    this.#place.signal.addEventListener('abort', () => {
      clearInterval(timer);
      this.#checking?.abort();
    });
  }

  async refresh(): Promise<void> {
    const {root} = this.#store.get().place;
    const state = root === null ? null : findState(root);
    try {
      if (state) this.#lookSince(state);
      const mark = state ? sessionsMark(state) : 'none';
      // Whether a process still runs is not seen from its files.
      const isDue = this.#store.get().sessions.stories?.some(({state: at}) => at === 'at work') ?? true;
      if (mark === this.#mark && !isDue) return;
      const all = stories(state).toReversed();
      this.#store.dispatch({type: 'sessions read', stories: all});
      await this.#findStopped(state, all);
      this.#mark = mark;
    } finally {
      state?.close();
    }
  }

  /** While a checklist is looked at: whether the live files are still what was restored. */
  #lookSince(state: Directory): void {
    const app = this.#store.get();
    const story = openedStory(app);
    if (currentScreen(app) !== 'checklist' || !story || story.closed || story.drill) return;
    const datasets = sinceRestore(state, story.number);
    const since = {session: story.number, datasets};
    if (JSON.stringify(since) !== JSON.stringify(app.sessions.since))
      this.#store.dispatch({type: 'since read', ...since});
  }

  async #findStopped(state: Directory | null, all: Story[]): Promise<void> {
    const session = stoppedSession(state);
    if (session?.read.state !== 'read') {
      if (this.#store.get().stopped) this.#store.dispatch({type: 'stopped settled'});
      return;
    }
    const {journal, untrusted} = session.read;
    const {id, undoes, drill, phase} = journal;
    const story = all.find(({number}) => number === session.number);
    // What somebody may have forged names any file there is: it is not looked at.
    const isLookedAt = untrusted === null && phase !== 'prepare';
    const judged = isLookedAt ? await inspect(journal, this.#place.pool()) : [];
    if (this.#place.signal.aborted) return;
    this.#store.dispatch({
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

  /** Answers a step by somebody's word. */
  answer(session: number, answer: Answer, serviceBack?: number): void {
    const checkSeen = this.#seen(session, answer.step);
    this.#write(`session step ${answer.step}`, session, ({state}, story) => {
      checkSeen(story);
      const beside = serviceBack === undefined ? [] : [timeNote('service-back', serviceBack)];
      recordAnswer(state, story, {answer, output: null}, beside);
      return null;
    });
  }

  /** What is on the screen now may be replaced; an answer that somebody gave since may not. */
  #seen(session: number, id: string): (fresh: Story) => void {
    const story = this.#store.get().sessions.stories?.find(({number}) => number === session);
    const seen = story?.steps.find((step) => step.id === id)?.answer?.at ?? null;
    return (fresh) => checkReplaces(fresh, id, seen, 'Look at it, and answer again to replace it');
  }

  /** Records when something of the incident was. */
  recordTime(session: number, what: TimeName, at: number): void {
    this.#write(`session time ${what}`, session, ({state}) => {
      recordTime(state, session, what, at);
      return null;
    });
  }

  /** Answers a step by machine. */
  check(session: number, step: string): void {
    this.#place.finish(this.#check(session, step).finally(() => this.#store.dispatch({type: 'check ended'})));
  }

  async #check(session: number, id: string): Promise<void> {
    const story = this.#store.get().sessions.stories?.find(({number}) => number === session);
    const step = story?.steps.find((each) => each.id === id);
    if (!story || !step) return;
    const checking = new AbortController();
    this.#checking = checking;
    const checkSeen = this.#seen(session, id);
    this.#store.dispatch({type: 'check started', session, step: id});
    const place = projectOf(this.#store);
    const {seconds} = restoreSettings(place.root);
    const check: CheckedStep = await checkStep({
      place,
      story,
      step,
      pool: this.#place.pool(),
      signal: checking.signal,
      seconds,
      progress: (done, total) => this.#store.dispatch({type: 'check progress', done, total}),
    });
    if (checking.signal.aborted) return;
    await this.#writing(`session step ${id}`, session, ({state}, fresh) => {
      checkSeen(fresh);
      recordAnswer(state, fresh, check);
      const last = check.output?.output.trimEnd().split('\n').at(-1);
      return last ? `It said: ${last}` : null;
    });
  }

  /** Takes a session over: whoever had it watches from then on. */
  takeOver(session: number): void {
    const work = async (): Promise<void> => {
      const {me} = this.#store.get();
      await this.#locked('session take-over', session, ({state}, story) => {
        takeOver(state, story, me);
        return `Session ${session} is yours now; whoever had it watches.`;
      });
    };
    this.#place.finish(work());
  }

  stopCheck(): void {
    this.#checking?.abort();
  }

  /** Finishes the restore that stopped, or takes it back. */
  recover(direction: 'forward' | 'back'): void {
    this.#store.dispatch(stoppedSlice.to({type: 'recovery started'}));
    const work = async (): Promise<void> => {
      const {journal, beware} = await recoverStopped({
        place: projectOf(this.#store),
        pool: this.#place.pool(),
        direction,
        keep: new Set(),
        take: new Set(),
        breakHost: undefined,
        tidied: () => {},
      });
      await this.refresh();
      const {session} = journal;
      const now =
        direction === 'forward' ? 'finished: all files are new' : 'taken back: all files are as before';
      const notes = beware.map((line) => ` ! ${line}.`).join('');
      if (direction === 'forward' && !journal.drill)
        this.#store.dispatch(sessionsSlice.open({type: 'checklist opened', session}, 'checklist'));
      this.#place.tell(`Session ${session} is ${now}.${notes}`, beware.length > 0 ? 'beware' : 'plain');
    };
    this.#place.finish(
      work().catch((error: unknown) => {
        this.#store.dispatch(stoppedSlice.to({type: 'recovery failed'}));
        throw error;
      }),
    );
  }

  #write(doing: string, session: number, action: (writer: Writer, story: Story) => string | null): void {
    this.#place.finish(this.#writing(doing, session, action));
  }

  /** Answers for a session, which has to be this screen's. */
  #writing(
    doing: string,
    session: number,
    action: (writer: Writer, story: Story) => string | null,
  ): Promise<void> {
    const {me} = this.#store.get();
    return this.#locked(doing, session, (writer, story) => {
      goOn(writer.state, story, me, 'T on the checklist takes it over');
      return action(writer, story);
    });
  }

  /** @param action gives what is to be said; it is given the session as it is once nobody else writes */
  async #locked(
    doing: string,
    session: number,
    action: (writer: Writer, story: Story) => string | null,
  ): Promise<void> {
    const writer = openWriter({...projectOf(this.#store), doing, recovering: true});
    try {
      const story = stories(writer.state).find(({number}) => number === session);
      if (!story) throw new Problem(exitCode.notFound, `Session ${session} is gone.`);
      const text = action(writer, story);
      if (text !== null) this.#place.tell(text, 'plain');
    } finally {
      writer.close();
    }
    await this.refresh();
  }
}
