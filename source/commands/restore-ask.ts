import {escapeText} from '../engine/base/escape.ts';
import {exitCode, Problem} from '../engine/base/problem.ts';
import type {RestorePlan} from '../engine/restore/action.ts';
import type {DatasetPlan} from '../engine/restore/by-dataset.ts';
import {lossSentence, newerText} from '../presenters/dataset-losses.ts';
import {say} from '../terminal/standard-output.ts';
import {ask, askForWord, canAsk} from './ask.ts';
import {latestVerified} from './find-backup.ts';
import {type RestoreCall, usage} from './restore-flags.ts';
import type {Losses} from './restore-losses.ts';

/**
 * Whether somebody is there to say which datasets are meant. What `--yes` confirms, or `--plan` names, is said already; a
 * drill shows that all of it comes back.
 */
export const isAskedWhich = ({flags}: RestoreCall): boolean =>
  flags.id !== undefined &&
  [flags.only, flags.yes, flags.plan, flags.into].every((each) => each === undefined) &&
  !flags.dryRun &&
  canAsk(flags);

function does(set: DatasetPlan, {losses, newer}: Losses): string {
  if (set.action === 'refused') return `cannot be restored: ${set.reason}`;
  if (set.action === 'unchanged') return 'is already what the backup holds';
  const loss = lossSentence(set, losses.get(set.dataset), Date.now());
  const better = newer.find(({dataset}) => dataset === set.dataset);
  const also = better ? `; newer: ${newerText(better)}` : '';
  return `${loss === null ? 'is not there now: nothing is lost' : `you lose ${loss}`}${also}`;
}

/** What is named, by numbers or names, apart by spaces or commas; or the first that is no dataset. */
export function namesIn(answer: string, names: string[]): string[] | {unknown: string} {
  const words = answer.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 1 && words[0] === 'all' && !names.includes('all')) return names;
  const found = new Set<string>();
  for (const word of words) {
    const name = names.includes(word)
      ? word
      : /^[1-9]\d{0,8}$/.test(word)
        ? names[Number(word) - 1]
        : undefined;
    if (name === undefined) return {unknown: word};
    found.add(name);
  }
  return names.filter((name) => found.has(name));
}

const asksWhich = 'Restore which? Numbers or names, "all", or nothing for none: ';

/** A slip of the fingers is asked again: the plan before it took a while. */
export async function askUntilKnown(names: string[], answer: () => Promise<string>): Promise<string[]> {
  for (;;) {
    const chosen = namesIn(await answer(), names);
    if (!('unknown' in chosen)) return chosen;
    say(`"${escapeText(chosen.unknown)}" is none of them.`);
  }
}

/**
 * Asks which datasets are restored.
 * @returns their names; null where there is nothing to choose
 * @throws Problem where none is
 */
export async function chooseDatasets(
  {signal}: RestoreCall,
  plan: RestorePlan,
  told: Losses,
): Promise<string[] | null> {
  const names = [...told.sets.keys()];
  if (names.length < 2) return null;
  const lines = [...told.sets.values()].map(
    (set, index) => `  ${index + 1}  ${escapeText(`${set.dataset}: ${does(set, told)}`)}`,
  );
  say([`${escapeText(plan.id)} holds ${names.length} datasets:`, ...lines].join('\n'));
  const chosen = await askUntilKnown(names, () => ask(asksWhich, signal));
  if (chosen.length === 0) throw new Problem(exitCode.cancelled, 'Nothing was chosen. Nothing was changed.');
  return chosen;
}

/** What has to be typed, or given as `--yes`, before anything is changed. */
export async function confirm({flags, signal}: RestoreCall, plan: RestorePlan): Promise<void> {
  const [word, what] =
    plan.undoes === null ? [plan.id, "the backup's id"] : [String(plan.undoes), "the session's number"];
  if (flags.yes !== undefined) {
    // Whoever has it run from a timer does not know the id; a drill touches nothing that is live.
    const isNamed = plan.into !== null && flags.yes === latestVerified && flags.id === latestVerified;
    if (flags.yes !== word && !isNamed) usage(`--yes=${flags.yes} is not ${word}.`);
    return;
  }
  // A drill writes nothing but what is new, in a directory of its own.
  if (plan.into !== null) return;
  if (!canAsk(flags)) usage(`There is no terminal to ask on: --yes=${word} confirms it.`);
  await askForWord(`Type ${what} (${escapeText(word)}) to go on: `, word, signal);
}
