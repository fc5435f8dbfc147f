import {readFileSync} from 'node:fs';
import {loadAll, type NamedCommand} from '../../commands/all.ts';
import {type FlagTable, globalFlags, spellFlag} from '../../commands/flags.ts';
import {exitCodes} from '../../commands/help.ts';
import {manOf} from './markdown.ts';
import {bold, escapeRoff, italic, type Page, page, paragraph, section, term, verbatim} from './roff.ts';

const wordOf = ({name}: NamedCommand): string => name.split(' ')[0] ?? '';

/** What is typed as it stands, and what stands for something else. */
const operand = (word: string): string => (word.includes('|') ? escapeRoff(word) : italic(word));

const synopsis = ({name, command}: NamedCommand): string =>
  [bold(`magds ${name}`), ...(command.operands ?? []).map(operand), '[\\fIflags\\fR]'].join(' ');

const flags = (table: FlagTable): string[] =>
  Object.entries(table).map(([name, {kind, takes, help, short}]) => {
    const long = `${bold(spellFlag(name, kind))}${takes === '' ? '' : `=${italic(takes)}`}`;
    return term(short === undefined ? long : `${bold(`-${short}`)}, ${long}`, escapeRoff(help));
  });

const reference = (name: string, number: number): string => `${bold(name)}(${number})`;

const seeAlso = (pages: [name: string, number: number][]): string[] => [
  section('See also'),
  pages.map(([name, number]) => reference(name, number)).join(',\n'),
];

/** Each code with what it means, from the line that the help has. */
function exitStatus(): string[] {
  const [, list = '', ...rules] = /^Exit codes: (.*?)\. (.*)$/.exec(exitCodes) ?? [];
  const codes = list.split(/, (?=\d+ )/).map((each) => /^(\d+) (.*)$/.exec(each) ?? []);
  if (codes.length < 2) throw new Error('the exit codes of the help read otherwise now');
  return [
    section('Exit status'),
    ...codes.map(([, code = '', means = '']) => term(bold(code), escapeRoff(means))),
    ...rules.map((rule) => paragraph(escapeRoff(rule))),
  ];
}

const environment: Record<string, string> = {
  MAGDS_ROOT: 'the MagMoBoCE project, where --root does not name it',
  MOBO_ENV: 'the environment whose configuration counts, where neither --env nor .env names it',
  'MAGDS_BACKUP_ENABLED, MAGDS_BACKUP_PATH, MAGDS_BACKUP_ALGORITHM, MAGDS_BACKUP_MAX_COUNT':
    'count over the configuration in files',
  NO_COLOR: 'no colours',
  MAGDS_DEBUG: 'with 1, an error that nobody foresaw says where it lies',
};

/** @param about what every page says of itself */
type About = Pick<Page, 'date' | 'version'>;

function mainPage(named: NamedCommand[], about: About): string {
  const tasks = [...new Set(named.map(({command}) => command.task))];
  const groups = [...new Set(named.map(wordOf))].sort();
  return page(
    {
      ...about,
      name: 'magds',
      section: 1,
      summary: 'find the good MagDS backup, prove that it is good, put it back',
    },
    [
      section('Synopsis'),
      `${bold('magds')} [\\fIflags\\fR]\n.br\n${bold('magds')} \\fIcommand\\fR [\\fIflags\\fR]`,
      section('Description'),
      escapeRoff(
        'magds alone opens the app in the terminal: browse the backups of a MagMoBoCE project, read their manifests, verify them, make one, restore one. Opening it and looking around changes nothing. For scripts there is a command for each of that.',
      ),
      section('Commands'),
      ...tasks.flatMap((task) => [
        `.SS ${escapeRoff(task)}`,
        ...named
          .filter(({command}) => command.task === task)
          .map((each) =>
            term(
              [bold(`magds ${each.name}`), ...(each.command.operands ?? []).map(operand)].join(' '),
              `${escapeRoff(each.command.summary)}; see ${reference(`magds-${wordOf(each)}`, 1)}`,
            ),
          ),
      ]),
      section('Flags'),
      ...flags(globalFlags),
      ...exitStatus(),
      section('Environment'),
      ...Object.entries(environment).map(([name, means]) => term(bold(name), escapeRoff(means))),
      section('Files'),
      term(
        italic('storage/runbook/config.json'),
        `your own settings for a project, see ${reference('magds-config', 5)}`,
      ),
      term(
        italic('storage/runbook/'),
        'what magds keeps of a project: records of restores, safety backups, evidence',
      ),
      section('Examples'),
      verbatim(
        'magds\nmagds backup list\nmagds backup verify --all --max-age=7d\nmagds restore ID --dry-run',
      ),
      ...seeAlso([...groups.map((group): [string, number] => [`magds-${group}`, 1]), ['magds-config', 5]]),
    ],
  );
}

function groupPage(group: string, named: NamedCommand[], about: About): string {
  const [only] = named;
  const isAlone = only !== undefined && named.length === 1;
  const summary = isAlone ? only.command.summary : `the commands of magds that begin with ${group}`;
  return page({...about, name: `magds-${group}`, section: 1, summary}, [
    section('Synopsis'),
    named.map(synopsis).join('\n.br\n'),
    section(isAlone ? 'Flags' : 'Commands'),
    ...named.flatMap((each) => [
      ...(isAlone ? [] : [`.SS ${bold(`magds ${each.name}`)}`, escapeRoff(each.command.summary)]),
      ...flags(each.command.flags),
      ...(each.command.examples
        ? [paragraph('For example:'), verbatim(each.command.examples.join('\n'))]
        : []),
    ]),
    ...(isAlone ? [] : [section('Flags of every command')]),
    ...flags(globalFlags),
    ...exitStatus(),
    ...seeAlso([
      ['magds', 1],
      ['magds-config', 5],
    ]),
  ]);
}

/** The manual, by the names of its files. Everything in it is from the table of commands and from `docs/`. */
export async function manual(about: About): Promise<Record<string, string>> {
  const named = await loadAll();
  const groups = [...new Set(named.map(wordOf))];
  const settings = page(
    {...about, name: 'magds-config', section: 5, summary: 'settings of a project for magds'},
    [
      ...manOf(readFileSync('docs/configuration.md', 'utf8')),
      ...seeAlso([
        ['magds', 1],
        ['magds-config', 1],
      ]),
    ],
  );
  return {
    'magds.1': mainPage(named, about),
    ...Object.fromEntries(
      groups.map((group) => [
        `magds-${group}.1`,
        groupPage(
          group,
          named.filter((each) => wordOf(each) === group),
          about,
        ),
      ]),
    ),
    'magds-config.5': settings,
  };
}
