import {escapeText} from '../engine/base/escape.ts';
import {programFile} from '../engine/base/own-program.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {shellWord} from '../engine/base/shell-word.ts';
import {eventsName, type OpsItem, opsItems, opsText} from '../engine/ops/catalog.ts';
import {commonFields, describeEvents, eventsMarkdown} from '../engine/ops/events.ts';
import {cronUser, fill} from '../engine/ops/fill.ts';
import {exampleSite, programWords, type Site, siteOf} from '../engine/ops/site.ts';
import {present} from '../presenters/present.ts';
import {writeJson, writeOut} from '../terminal/standard-output.ts';
import type {Command, Invocation, NoFlags} from './command.ts';
import {wrongUsage} from './command.ts';
import {table} from './table.ts';

type Flags = Invocation['flags'];

export const command: Command<NoFlags> = {
  summary: 'units, timers, alerts, a dashboard and more for the server: what there is, or one of them',
  task: 'Set up',
  operands: ['[NAME]'],
  flags: {},
  endsAtOnce: true,
  run,
};

const tell = (lines: string[]): void => {
  process.stderr.write(lines.map((line) => `${escapeText(line)}\n`).join(''));
};

/** The command that prints it, as it was called. */
const printing = ({root}: Flags, name: string): string =>
  `magds ops ${root === undefined ? '' : `--root=${shellWord(root)} `}${name}`;

/** What puts it there, and what to do then. */
function commandsOf({name, place, steps}: OpsItem, flags: Flags, site: Site): string[] {
  if (place === null) return [];
  const target = place.startsWith('/') ? `| sudo tee ${place} >/dev/null` : `> ${name}`;
  return [`${printing(flags, name)} ${target}`, ...steps.map((line) => fill(line, 'shell', site))];
}

/** What there is to know about what was printed, but for where it goes. */
function warnings({reader, place}: OpsItem, site: Site): string[] {
  const runs = reader === 'cron' || place?.endsWith('.service') === true;
  const {program, user} = site;
  return present([
    runs &&
      programOf() === null &&
      `the path of this program has characters that would have to be quoted: put it in by hand instead of ${program}`,
    reader === 'cron' &&
      cronUser(site) !== user &&
      `user ${user} has no name here: put the right one in instead of ${cronUser(site)}`,
  ]);
}

const programOf = (): string | null => programWords(programFile(), process.execPath);

/** What is meant by a name, whose ending may be left out where only one begins like it. */
function find(name: string): OpsItem {
  const alike = opsItems.filter((each) => each.name.startsWith(`${name}.`));
  const item = opsItems.find((each) => each.name === name) ?? (alike.length === 1 ? alike[0] : undefined);
  if (item) return item;
  const known = opsItems.map((each) => each.name).join(', ');
  wrongUsage(`There is no "${name}" to print. There is: ${known}.`);
}

async function list(flags: Flags, site: Site): Promise<void> {
  if (flags.json) {
    const items = opsItems.map((item) => ({
      name: item.name,
      what: item.what,
      place: item.place,
      commands: commandsOf(item, flags, site),
    }));
    await writeJson({command: 'ops', root: site.root, items});
    return;
  }
  const rows = opsItems.map(({name, what, place}) => [name, what, place ?? '']);
  await writeOut(`${(await table(['NAME', 'WHAT', 'WHERE IT GOES'], rows)).join('\n')}\n`);
  tell([`${printing(flags, 'NAME')} prints one, for ${site.root}, and says how to install it.`]);
}

/** The text goes to stdout, and all that is said about it to stderr. */
async function print(item: OpsItem, flags: Flags, site: Site): Promise<void> {
  const {name, what, place, reader} = item;
  const isEvents = name === eventsName;
  if (flags.json && isEvents) {
    await writeJson({command: 'ops:events', events: describeEvents(), common: commonFields});
    return;
  }
  const text = isEvents ? eventsMarkdown() : fill(opsText(name), reader, site);
  const commands = commandsOf(item, flags, site);
  if (flags.json) {
    await writeJson({command: 'ops', root: site.root, name, what, place, commands, text});
    return;
  }
  await writeOut(text);
  if (place === null) return;
  tell([
    '',
    place.startsWith('/') ? `It goes to ${place}:` : `It goes into ${place}:`,
    ...commands.map((line) => `  ${line}`),
    ...warnings(item, site).map((line) => `! ${line}`),
  ]);
}

async function run({flags, rest, cwd}: Invocation): Promise<ExitCode> {
  const [name] = rest;
  const item = name === undefined ? null : find(name);
  const {site: about, note} =
    flags.backups === undefined
      ? await siteOf({root: flags.root, environment: flags.env, cwd, env: process.env})
      : {site: exampleSite, note: null};
  const site = {...about, program: programOf() ?? about.program};
  if (item) await print(item, flags, site);
  else await list(flags, site);
  if (note !== null) tell([`! ${note}`]);
  return exitCode.done;
}
