import {userName} from '../base/owner.ts';
import {cameFrom} from '../session/owner.ts';

/** Whoever does what an event tells of. */
export type EventOperator = {
  login: string;
  /** Null where the system has none. */
  uid: number | null;
  /** Who called sudo; null where nobody did. */
  sudo_user: string | null;
};

/** Who is at work, and the address that he came from over SSH; null where he sits at the machine, or cron does it. */
export const operatorOf = (env: NodeJS.ProcessEnv): {operator: EventOperator; address: string | null} => ({
  operator: {
    login: userName(),
    uid: process.getuid?.() ?? null,
    sudo_user: env['SUDO_USER']?.slice(0, 200) || null,
  },
  address: cameFrom(env),
});
