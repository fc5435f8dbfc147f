import fs from 'node:fs';
import os from 'node:os';
import {shellWord} from '../base/shell-word.ts';
import {lockState} from '../storage/runbook/lock.ts';
import {describeOwner} from '../storage/runbook/lock-record.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {findLeftovers} from '../storage/runbook/unfinished.ts';
import {beware, type Finding, ok, some, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** Seconds that a writer may be at work before one should look. */
const long = 2 * 3600;

/** Our state is there, and this user may not look into it. */
export const isHidden = ({root, state}: Subject): boolean =>
  root !== null &&
  state === null &&
  fs.lstatSync(`${root}/${stateName}`, {throwIfNoEntry: false}) !== undefined;

export const hidden = [unknown(`${stateName} cannot be opened, so nothing is known of it`)];

export function checkLock(subject: Subject): Finding[] {
  const {state, now} = subject;
  if (subject.root === null) return [];
  if (isHidden(subject)) return hidden;
  if (!state) return [ok('free')];
  const lock = lockState(state);
  if (lock.state === 'free') return [ok('free')];
  if (lock.state === 'unreadable') {
    const said = `${stateName}/lock: ${lock.reason}`;
    return [
      subject.isOnlooker
        ? unknown(said)
        : wrong(said, 'Without it nothing can be written. Look what it is:', [
            `ls -ld ${shellWord(`${state.name}/lock`)}`,
          ]),
    ];
  }
  const {owner} = lock;
  const who = describeOwner(owner, now);
  if (lock.state === 'gone')
    return [
      beware(
        `left by ${who}, which is gone: it was killed`,
        'Nothing to do: the next command that writes takes it over. See whether what it did is done.',
      ),
    ];
  if (owner.host !== os.hostname())
    return [
      beware(
        `held by ${who}, which cannot be asked from here`,
        `Ask on ${owner.host} whether process ${owner.pid} is at work. Only if it is surely gone, with the next command that writes: --break-lock=${owner.host}`,
      ),
    ];
  const seconds = (now - Date.parse(owner.since)) / 1000;
  if (seconds > long)
    return [
      beware(`held by ${who}: that is long`, 'Is it still at work?', [
        `ps -o pid,etime,stat,args -p ${owner.pid}`,
      ]),
    ];
  return [ok(`held by ${who}`)];
}

/** What writers that were killed have left: nobody counts it, and it takes room. */
export function checkLeftovers(subject: Subject): Finding[] {
  const {state} = subject;
  if (subject.root === null) return [];
  if (isHidden(subject)) return hidden;
  if (!state) return [ok('none')];
  if (lockState(state).state === 'held') return [ok('a writer is at work: what it has begun is its own')];
  const names = findLeftovers(state);
  if (names.length === 0) return [ok('none')];
  return [
    beware(
      `left by what was cut off: ${some(names)}`,
      `It takes room in ${stateName}, nothing else. The next command that writes removes it.`,
    ),
  ];
}
