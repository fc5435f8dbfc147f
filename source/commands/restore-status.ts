import os from 'node:os';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {createPool} from '../engine/hashing/pool.ts';
import {inspect, type Judged} from '../engine/restore/recover.ts';
import {type Journal, stoppedWhere} from '../engine/session/journal.ts';
import {listSessions, type SessionState, stoppedSession} from '../engine/session/sessions.ts';
import {type Story, stories} from '../engine/session/story.ts';
import {findState} from '../engine/storage/runbook/state-directory.ts';
import {stateWord} from '../presenters/restore-outcome.ts';
import {writeEscaped, writeJson, writeLine} from '../terminal/standard-output.ts';
import {type Command, type Invocation, type NoFlags, placeOf, wrongUsage} from './command.ts';

export const command: Command<NoFlags> = {
  summary: 'past restores; of one that stopped halfway, what is new and what is old',
  task: 'Restore',
  flags: {},
  endsAtOnce: true,
  run,
};

/** Of a session that is not over, or is done; of one that changed nothing the record says how it ended. */
const words = {
  prepare: `stopped ${stoppedWhere('prepare')}`,
  commit: 'STOPPED HALFWAY',
  back: 'STOPPED ON ITS WAY BACK',
  done: 'done',
};

/** Of a machine that cannot be asked, or has another name since, nobody knows here whether it still runs. */
const atWork = ({pid, host}: Journal['process']): string =>
  host === os.hostname()
    ? `running, process ${pid}`
    : `running on ${host}, which cannot be asked from here; only if that host is certainly gone: magds restore --rollback --break-lock=${host}`;

function stateOf({read, running}: SessionState, story: Story | undefined): string {
  const ended = stateWord(story?.state ?? 'refused');
  if (read.state === 'none') return running ? 'running' : ended;
  if (read.state === 'unreadable') return `unreadable: ${read.reason}`;
  const {phase, process} = read.journal;
  const isOver = phase === 'done' || phase === 'rolled-back';
  const said = phase === 'rolled-back' ? ended : running && !isOver ? atWork(process) : words[phase];
  return read.untrusted === null ? said : `${said}; ignored: ${read.untrusted}`;
}

const isStopped = ({read, running}: SessionState): boolean =>
  read.state === 'read' && !running && ['prepare', 'commit', 'back'].includes(read.journal.phase);

const fileJson = ({target, standing}: Judged) => ({
  dataset: target.dataset,
  target: target.path,
  live: standing,
});

async function run(invocation: Invocation): Promise<ExitCode> {
  const {flags} = invocation;
  const {root} = placeOf(invocation);
  if (root === null) wrongUsage('"magds restore status" needs the project: --root DIR.');
  using state = findState(root);
  const pool = createPool();
  try {
    const sessions = listSessions(state, 'told');
    const stopped = stoppedSession(state);
    const read = stopped?.read.state === 'read' ? stopped.read : null;
    // What somebody may have forged names any file there is: it is not looked at.
    const journal = read?.untrusted === null ? read.journal : null;
    const judged = journal && journal.phase !== 'prepare' ? await inspect(journal, pool) : [];
    const told = new Map(stories(state).map((story) => [story.number, story]));
    const stateNow = (session: SessionState): string => {
      const story = told.get(session.number);
      const undoneBy = story?.undoneBy ?? null;
      return undoneBy === null ? stateOf(session, story) : `undone by session ${undoneBy}`;
    };
    if (flags.json) {
      const list = sessions.map((session) => {
        const journal = session.read.state === 'read' ? session.read.journal : null;
        const story = told.get(session.number);
        // Before it has a journal its record says what it is.
        const known = journal ?? story ?? null;
        return {
          session: session.number,
          id: known?.id || null,
          state: stateNow(session),
          phase: known?.phase ?? null,
          running: session.running,
          drill: known?.drill ?? null,
          safety: journal?.safety ?? null,
          undoes: known?.undoes ?? null,
          undone_by: story?.undoneBy ?? null,
          closed: known?.closed ?? null,
        };
      });
      await writeJson({
        command: 'restore:status',
        root,
        sessions: list,
        stopped: stopped?.number ?? null,
        files: judged.map(fileJson),
      });
      return stopped ? exitCode.needsRecovery : exitCode.done;
    }
    if (sessions.length === 0) await writeLine('No restore was made here yet.');
    for (const session of sessions) {
      const journal = session.read.state === 'read' ? session.read.journal : null;
      const story = told.get(session.number);
      const known = journal ?? story;
      const open =
        journal?.phase === 'done' && !journal.closed ? ', open: the old files are kept beside' : '';
      const why = session.read.state === 'none' && story?.reason ? `: ${story.reason}` : '';
      const what = known ? (known.undoes === null ? known.id : `undo of session ${known.undoes}`) : '';
      await writeEscaped(
        `${isStopped(session) ? 'x' : ' '} session ${session.number}  ${what}  ${known?.drill ? 'drill, ' : ''}${stateNow(session)}${open}${why}`,
      );
    }
    if (!stopped) return exitCode.done;
    for (const {target, standing} of judged) {
      const now = {old: 'OLD, as before', new: 'NEW, restored', written: 'WRITTEN TO since it stopped'}[
        standing
      ];
      await writeEscaped(`    ${target.dataset}  ${now}  ${target.path}`);
    }
    if (read?.untrusted) await writeEscaped(`    its journal is ignored: ${read.untrusted}`);
    const ways =
      journal === null
        ? 'Its owner decides.'
        : journal.phase === 'commit'
          ? 'Finish: magds restore --resume. Go back: magds restore --rollback.'
          : 'Clean up: magds restore --rollback.';
    await writeLine(`Nothing happens until you choose. ${ways}`);
    return exitCode.needsRecovery;
  } finally {
    pool.close();
  }
}
