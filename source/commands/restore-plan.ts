import {escapeText} from '../engine/base/escape.ts';
import {formatBytes} from '../engine/base/format.ts';
import {shellWord} from '../engine/base/shell-word.ts';
import {changes, isWritten, type RestoreAction, type RestorePlan} from '../engine/restore/action.ts';
import {whyNotRestore} from '../engine/restore/plan.ts';
import type {Outcome} from '../engine/restore/request.ts';
import {elsewhereText, lossJson, lossSentence, newerText} from '../presenters/dataset-losses.ts';
import {type Fact, fact} from '../presenters/fact.ts';
import {
  besideFacts,
  costFacts,
  databaseFacts,
  insideFacts,
  openSessionFacts,
  ownerFacts,
  partialFacts,
  restoredBy,
  unseenFacts,
} from '../presenters/restore-facts.ts';
import {onlyFlag} from './restore-flags.ts';
import type {Losses} from './restore-losses.ts';

/** An action for scripts (DESIGN.md, "Command line"). */
const actionJson = (action: RestoreAction) => ({
  dataset: action.dataset,
  role: action.role,
  action: action.action,
  source: action.copy.join('/'),
  target: action.target,
  recorded: action.recorded,
  bytes: action.bytes,
  hash: action.hash,
  live:
    action.live?.kind === 'file'
      ? {
          bytes: action.live.stamp.size,
          hash: action.liveHash,
          modified: new Date(action.live.mtimeMs).toISOString(),
        }
      : null,
  loses: action.loses,
  open_by: action.writers.openBy,
  written_seconds_ago: action.writers.writing,
  writing: isWritten(action)
    ? {
        last: action.live?.kind === 'file' ? new Date(action.live.mtimeMs).toISOString() : null,
        volatile: action.volatile,
      }
    : null,
  beside: action.beside,
  reason: action.reason,
});

type Ended = {
  /** Null where none was begun. */
  session: number | null;
  outcome: Exclude<Outcome, 'cancelled'>;
  reason: string | null;
  beware?: string[];
  commands?: string[];
};

/** The last line of `--json` once there is a plan, the same shape however it ended (DESIGN.md, "Command line"). */
export const summaryJson = (plan: RestorePlan, {session, outcome, reason, ...more}: Ended) => ({
  message_type: 'summary',
  command: 'restore',
  id: plan.id,
  session,
  outcome,
  drill: plan.into !== null,
  undoes: plan.undoes,
  datasets: plan.actions.map(actionJson),
  reason,
  beware: more.beware ?? [],
  commands: more.commands ?? [],
});

export const planJson = (plan: RestorePlan, root: string, {sets, losses, newer, elsewhere}: Losses) => ({
  command: 'restore:plan',
  root,
  id: plan.id,
  plan: plan.hash,
  created_at: plan.createdAt,
  into: plan.into,
  undoes: plan.undoes,
  actions: plan.actions.map(actionJson),
  losses: [...sets.values()].filter(({loses}) => loses).map((set) => lossJson(set, losses.get(set.dataset))),
  newer: newer.map(({cutOff, ...copy}) => ({...copy, cut_off: cutOff})),
  elsewhere: elsewhere.map(({isGood, ...copy}) => ({...copy, good: isGood})),
  safety_backup: plan.safety,
  space: plan.space,
  seconds: Math.round(plan.seconds * 10) / 10,
  unseen_processes: plan.unseen,
  php_at_work: plan.php,
  owner: plan.owner,
  open_sessions: plan.openSessions.map((session) => ({
    session: session.number,
    operator: session.owner?.operator ?? null,
    person: session.owner?.person ?? null,
    restored: restoredBy(plan, session),
  })),
  leaves: plan.leaves,
  left_out: plan.leftOut,
  notes: plan.notes,
  broken_inside: plan.brokenInside,
  partial: plan.partial,
  reasons: whyNotRestore(plan),
});

const marks = {create: '+', overwrite: '!', unchanged: '=', remove: '-', refused: 'x'} as const;

/** How many are named of what may be thousands. */
const most = 20;

const some = (items: string[], what: string): string[] =>
  items.length <= most
    ? items
    : [...items.slice(0, most), `  … and ${items.length - most} more ${what}; --json names them all`];

function actionLines(action: RestoreAction, isUndo: boolean): string[] {
  const {live, bytes, writers, beside, role, database} = action;
  const name = escapeText(action.dataset);
  const what = role === 'sidecar' ? `${name}, beside it` : name;
  const old = live?.kind === 'file' ? formatBytes(live.stamp.size) : '';
  // A database is not as large as its dump, and comes back by its name where it is still there.
  const dump = database?.comes?.how === 'load' ? `from a dump of ${formatBytes(bytes)}` : null;
  const sizes = database
    ? (dump ?? '')
    : action.action === 'create'
      ? formatBytes(bytes)
      : action.action === 'remove'
        ? old
        : `${old} -> ${formatBytes(bytes)}`;
  const head = `  ${marks[action.action]} ${what}  ${action.action}`;
  if (action.action === 'refused') return [`${head}: ${escapeText(action.reason ?? '')}`];
  const target = escapeText(action.target);
  if (action.action === 'unchanged') return [`${head}  ${target}`];
  const lines = [[head, sizes, target].filter(Boolean).join('  ')];
  const note = (text: string): void => {
    lines.push(`      ${escapeText(text)}`);
  };
  if (action.recorded !== null) note(`! recorded from ${action.recorded}; goes to the configured source`);
  if (live?.kind === 'file' && role === 'dataset')
    note(`live file last written ${new Date(live.mtimeMs).toISOString().slice(0, 19)}Z`);
  // Of a dataset that is said as a whole, below.
  if (action.loses !== null && isUndo) note(`loses ${action.loses}`);
  if (writers.writing !== null) {
    const when = `written ${writers.writing}s ago`;
    if (!isWritten(action)) note(`! ${when}`);
    else if (action.volatile) note(`! WRITING  ${when}; it always changes`);
    else note(`x WRITING  ${when}. Stop the service first`);
  }
  if (writers.openBy.length > 0)
    note(`! open: ${writers.openBy.join(', ')}: sees the old file until it is restarted`);
  if (beside.length > 0) note(`! beside it: ${beside.join(', ')}: set aside with it`);
  return lines;
}

/** A fact of a plan, as a line. */
const factLine = ({mark, word, text}: Fact): string =>
  `  ${mark} ${escapeText(word === '' ? text : `${word}: ${text}`)}`;

/** What is lost of each dataset, and where a newer copy lies. */
function lossFacts({sets, losses, newer, elsewhere, isSaid}: Losses): Fact[] {
  const said = [...sets.values()].flatMap((set) => {
    const text = lossSentence(set, losses.get(set.dataset), Date.now());
    return text === null ? [] : [`${set.dataset}: ${text}`];
  });
  const better = newer.map(({dataset, ...copy}) => {
    const then = copy.cutOff
      ? `; to restore it, make it a backup first: magds backup finish ${shellWord(copy.id)}`
      : '';
    return `${dataset}: ${newerText({dataset, ...copy})}${then}`;
  });
  const good = elsewhere.map((copy) => `${copy.dataset}: ${elsewhereText(copy, isSaid)}`);
  return [
    ...some(said, 'datasets').map((text) => fact('!', 'You lose', text.trim())),
    ...some(better, 'copies').map((text) => fact('!', 'Newer', text.trim())),
    ...some(good, 'copies').map((text) => fact('!', 'Good copy', text.trim())),
  ];
}

/** A plan for people. */
export function planText(plan: RestorePlan, root: string, losses: Losses): string {
  const {actions, into, undoes, leaves, leftOut} = plan;
  const where = into === null ? `in ${root}` : `into ${into}, a drill`;
  const head =
    undoes === null
      ? `Restore ${plan.id} ${where}`
      : `Undo session ${undoes} ${where}${plan.id === '' ? '' : `, from its safety backup ${plan.id}`}`;
  const reasons = whyNotRestore(plan);
  const isNothing = changes(plan).length === 0 && reasons.length === 0;
  const facts = [
    ...lossFacts(losses),
    ...(isNothing ? [] : openSessionFacts(plan)),
    ...insideFacts(plan, most),
    ...partialFacts(plan, most),
    // What stays is named below, all of it as far as there is room.
    ...besideFacts({...plan, leftOut: [], leaves: []}, most),
    ...ownerFacts(plan),
    ...unseenFacts(into === null ? plan : {...plan, unseen: 0}),
    ...reasons.filter((reason) => reason.startsWith('not enough')).map((reason) => fact('x', '', reason)),
    ...databaseFacts(plan, Date.now()),
    ...(isNothing ? [] : costFacts(plan)),
  ];
  return `${[
    escapeText(head),
    ...some(
      actions.flatMap((action) => actionLines(action, undoes !== null)),
      'lines',
    ),
    ...leftOut.map(({name, reason}) => `  - ${escapeText(name)}  stays as it is: ${escapeText(reason)}`),
    ...some(
      leaves.map((file) => `  - ${escapeText(file)}  not in the backup; stays`),
      'files stay',
    ),
    ...facts.map(factLine),
    ...(isNothing
      ? [`  = nothing to do${actions.length > 0 ? ': the live files are what the backup holds' : ''}`]
      : []),
    `Plan ${plan.hash}`,
  ].join('\n')}\n`;
}

/** Why a plan is refused, and what is left to do. */
export function refusalText(plan: RestorePlan): string {
  const bad = new Set(plan.actions.filter(({action}) => action === 'refused').map(({dataset}) => dataset));
  const good = [...new Set(plan.actions.map(({dataset}) => dataset))].filter((name) => !bad.has(name));
  const rest =
    good.length > 0 && bad.size > 0 && good.length <= most ? ` The others alone: ${onlyFlag(good)}.` : '';
  return `Refused: ${whyNotRestore(plan).join('; ')}.${rest} Nothing was changed.`;
}
