import type {Stats} from 'node:fs';
import {accountsIn, userNameOf} from '../base/owner.ts';
import {shellWord} from '../base/shell-word.ts';

/** A user and the user's groups, as far as the files of this machine tell. */
export type Identity = {uid: number; groups: ReadonlySet<number>};

export function userWith(uid: number): Identity {
  const own = accountsIn('/etc/passwd').find((fields) => fields[2] === String(uid));
  const others = accountsIn('/etc/group')
    .filter((fields) => own && fields[3]?.split(',').includes(own[0] as string))
    .map((fields) => fields[2]);
  const groups = [own?.[3], ...others].flatMap((gid) => (gid ? [Number(gid)] : []));
  return {uid, groups: new Set(groups)};
}

/** Null where there is no such user. */
export function userNamed(name: string): Identity | null {
  const uid = accountsIn('/etc/passwd').find((fields) => fields[0] === name)?.[2];
  return uid ? userWith(Number(uid)) : null;
}

/**
 * Whether a mode lets a user do something; access control lists are not seen.
 * @param bits of 4 (read), 2 (write) and 1 (search a directory)
 */
export function may(
  {uid, groups}: Identity,
  stats: Pick<Stats, 'uid' | 'gid' | 'mode'>,
  bits: number,
): boolean {
  if (uid === 0) return true;
  const shift = stats.uid === uid ? 6 : groups.has(stats.gid) ? 3 : 0;
  return ((stats.mode >> shift) & bits) === bits;
}

/** A user for sudo and chown: one without a name goes by the number. */
export function userWord(uid: number, sign = ''): string {
  const name = userNameOf(uid);
  return name === `uid ${uid}` ? shellWord(`${sign}${uid}`) : shellWord(name);
}
