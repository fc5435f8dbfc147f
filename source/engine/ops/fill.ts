import {shellWord} from '../base/shell-word.ts';
import {exampleSite, type Site} from './site.ts';

/** What reads a file, and so how it writes a path. */
export type Reader = 'systemd' | 'cron' | 'logrotate' | 'shell' | 'other';

const quoted: Record<Reader, (path: string) => string> = {
  // A percent sign begins what systemd puts in by itself; such a setting knows no quotes.
  systemd: (path) => path.replaceAll('%', '%%'),
  // To cron it ends the command.
  cron: (path) => shellWord(path).replaceAll('%', '\\%'),
  // In quotes already.
  logrotate: (path) => path,
  shell: shellWord,
  other: (path) => path,
};

const {program, root, auditLog, metrics, user, log} = exampleSite;
/** The longer ones first. */
const example = new RegExp(
  [program, auditLog, metrics, root, `su ${log.user} ${log.group}`, user].join('|'),
  'g',
);

/** A crontab knows users by their names only. */
export const cronUser = (site: Site): string => (/^\d+$/.test(site.user) ? user : site.user);

/** A text about the example, made one about a site. Nothing of what is put in is looked at again. */
export function fill(text: string, reader: Reader, site: Site): string {
  const quote = quoted[reader];
  return text.replace(example, (found) => {
    if (found === program) return site.program;
    if (found === auditLog) return quote(site.auditLog);
    if (found === metrics) return quote(site.metrics);
    if (found === root) return quote(site.root);
    if (found === user) return reader === 'cron' ? cronUser(site) : site.user;
    return `su ${site.log.user} ${site.log.group}`;
  });
}
