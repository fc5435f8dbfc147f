import fs from 'node:fs';
import {exitCode, Problem} from '../base/problem.ts';
import type {Reader} from './fill.ts';

export type OpsItem = {
  /** As it is called here, and in the package. */
  name: string;
  what: string;
  /** Where it goes on the server; null where it is no file. */
  place: string | null;
  reader: Reader;
  /** What to do once it is there; about the example, as the files are. */
  steps: string[];
};

/** Of `magds ops events`: made when it is asked for, no file. */
export const eventsName = 'events';

const reload = 'sudo systemctl daemon-reload';

const unit = (name: string, what: string, when: string): [OpsItem, OpsItem] => [
  {
    name: `${name}.service`,
    what,
    place: `/etc/systemd/system/${name}.service`,
    reader: 'systemd',
    steps: [reload],
  },
  {
    name: `${name}.timer`,
    what: when,
    place: `/etc/systemd/system/${name}.timer`,
    reader: 'systemd',
    steps: [`${reload} && sudo systemctl enable --now ${name}.timer`],
  },
];

/** Makes the key that a drill signs its evidence with. */
const drillKey = [
  'sudo install -d /etc/magds && sudo ssh-keygen -q -t ed25519 -N "" -f /etc/magds/drill   # the key it signs with',
  'sudo chown www-data /etc/magds/drill',
];

const [drillService, drillTimer] = unit(
  'magds-drill',
  'a drill, with signed evidence',
  'every quarter at 05:00 UTC',
);

/** Hooks that tell somebody, for `config.json`. What they need to know lies in a file: nobody reads it off a process. */
const hook = (name: string, what: string, file: string, holds: string): OpsItem => ({
  name: `hook-${name}.json`,
  what,
  place: 'storage/runbook/config.json',
  reader: 'other',
  steps: [
    `sudo install -d /etc/magds && sudoedit ${file}   # ${holds}`,
    `sudo chown www-data ${file} && sudo chmod 600 ${file}`,
    'magds config   # whether it is obeyed',
  ],
});

/** Everything that `magds ops` has, in the order in which an operator needs it. */
export const opsItems: OpsItem[] = [
  ...unit('magds-backup', 'a backup', 'every night at 02:00 UTC'),
  ...unit('magds-verify', 'verifies each backup once a week', 'every night at 03:00 UTC'),
  {...drillService, steps: [...drillKey, ...drillService.steps]},
  drillTimer,
  {
    name: 'magds-failed@.service',
    what: 'says that one of these failed',
    place: '/etc/systemd/system/magds-failed@.service',
    reader: 'systemd',
    steps: [reload, 'sudo systemctl start magds-failed@magds-backup   # tries it'],
  },
  {
    name: 'magds.cron',
    what: 'the same three by cron',
    // Cron leaves out files whose names hold a dot.
    place: '/etc/cron.d/magds',
    reader: 'cron',
    steps: drillKey,
  },
  {
    name: 'magds.logrotate',
    what: 'the audit log, every month',
    place: '/etc/logrotate.d/magds',
    reader: 'logrotate',
    steps: ['sudo logrotate -d /etc/logrotate.d/magds   # says what it would do'],
  },
  {
    name: 'magds.rules.yml',
    what: 'alerts for Prometheus',
    place: '/etc/prometheus/magds.rules.yml',
    reader: 'other',
    steps: [
      'promtool check rules /etc/prometheus/magds.rules.yml',
      'sudoedit /etc/prometheus/prometheus.yml   # rule_files: [magds.rules.yml]',
      'sudo systemctl reload prometheus',
    ],
  },
  {
    name: 'magds-dashboard.json',
    what: 'a dashboard for Grafana',
    place: 'Grafana: Dashboards, New, Import',
    reader: 'other',
    steps: [],
  },
  hook(
    'healthchecks',
    'pings healthchecks.io after each backup',
    '/etc/magds/healthchecks{,-fail}.curl',
    'url = "https://hc-ping.com/UUID", and with /fail at its end',
  ),
  hook(
    'slack',
    'says in Slack what failed, and of restores',
    '/etc/magds/slack.curl',
    'url = "https://hooks.slack.com/services/..."; needs jq',
  ),
  hook(
    'apprise',
    'says by apprise what failed (mail, SMS ...)',
    '/etc/magds/apprise.yml',
    'urls: [...], as apprise wants it; needs jq',
  ),
  {
    name: eventsName,
    what: 'every event, for the action catalog',
    place: null,
    reader: 'other',
    steps: [],
  },
];

/** Those that are files: what the package has in ops/. */
export const opsFiles = opsItems.filter(({name}) => name !== eventsName);

/** Everything in source/ops/ by its name, as JSON, put here by the build: the program is bundled. */
declare const OPS_TEXTS: string | undefined;

const directory = new URL('../../ops/', import.meta.url);
let texts: Record<string, string> | undefined;

/**
 * A file of source/ops/ as it is, about the root /srv/magmoboce and the user www-data.
 * @throws Problem where there is none of that name: a fault of this program
 */
export function opsText(name: string): string {
  if (typeof OPS_TEXTS === 'string') texts ??= JSON.parse(OPS_TEXTS) as Record<string, string>;
  const text = texts ? texts[name] : fs.readFileSync(new URL(name, directory)).toString('utf8');
  if (text === undefined) throw new Problem(exitCode.failed, `${name} is not in this program.`);
  return text;
}
