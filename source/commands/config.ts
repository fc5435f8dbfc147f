import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {readRows} from '../engine/catalog/read-all.ts';
import type {Configuration} from '../engine/config/configuration.ts';
import {describeConfiguration, remarksOn} from '../engine/config/effective.ts';
import {changesOf, configurationDocument} from '../engine/config/last-run.ts';
import {ownJsonSchema} from '../engine/config/own-file.ts';
import {withOthers} from '../engine/retention/plan.ts';
import {changeSentences} from '../presenters/retention-plan.ts';
import {writeOut} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openPlace} from './command.ts';
import {yes} from './flags.ts';
import {table} from './table.ts';
import {lineOf} from './tell.ts';

const flags = {
  markdown: yes('as a table to paste into the documentation'),
  schema: yes('the JSON schema of storage/runbook/config.json'),
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'every effective value, where it came from, and what is wrong with it',
  task: 'Set up',
  flags,
  endsAtOnce: true,
  run,
};

async function run(invocation: Call): Promise<ExitCode> {
  const {flags} = invocation;
  if (flags.schema) {
    await writeOut(`${asciiJson(ownJsonSchema(), 2)}\n`);
    return exitCode.done;
  }
  const {place, configuration: read} = await openPlace(invocation);
  if (place.root === null || !read) {
    throw new Problem(exitCode.usage, '--backups has no configuration. Name the project: --root DIR.');
  }
  const rows = [...readRows(place).rows.values()];
  const configuration = withOthers({...place, root: place.root, configuration: read}, rows);
  const changes = changesOf(place.root, configuration);
  if (flags.json)
    await writeOut(
      `${asciiJson({command: 'config', root: place.root, ...configurationJson(configuration), changes})}\n`,
    );
  else if (flags.markdown) {
    await writeOut(markdown(configuration));
    process.stderr.write(
      wrong(configuration, changes)
        .map((line) => `${line}\n`)
        .join(''),
    );
  } else await writeOut(await text(configuration, changes));
  const {faults, refused} = configuration;
  return faults.length + refused.length > 0 ||
    describeConfiguration(configuration).some(({problem}) => problem)
    ? exitCode.failed
    : exitCode.done;
}

/** What a dataset keeps of its own beside this stays here. */
const configurationJson = ({kernelMetrics: _, ...configuration}: Configuration) => ({
  ...configuration,
  datasets: {
    ...configuration.datasets,
    value: configuration.datasets.value.map(({name, source, type, from}) => ({
      name,
      source,
      type: type.name,
      from,
    })),
  },
});

async function text(configuration: Configuration, changes: string[]): Promise<string> {
  const values = describeConfiguration(configuration);
  const lines = await table(
    ['SETTING', 'VALUE', 'FROM'],
    values.map(({name, value, from}) => [name, value, from]),
  );
  return `${[...lines, ...wrong(configuration, changes)].join('\n')}\n`;
}

/** What is wrong with the values, a line each. */
function wrong(configuration: Configuration, changes: string[]): string[] {
  const {faults} = configuration;
  const problems = describeConfiguration(configuration).flatMap(({name, problem}) =>
    problem ? [`${name}: ${problem}`] : [],
  );
  return [
    ...changeSentences(changes).map(lineOf),
    ...[...remarksOn(configuration), ...problems].map((line) => `! ${escapeText(line)}`),
    ...faults.map(({file, line, message}) => `x ${escapeText(`${file}:${line} ${message}`)}`),
  ];
}

/** A cell of a markdown table holds no bar, no line break and no markup of somebody else's. */
const cell = (value: string): string => escapeText(value).replace(/[|`<[\]\\*]/g, (sign) => `\\${sign}`);

function markdown(configuration: Configuration): string {
  const rows = describeConfiguration(configuration).map(
    ({name, value, from}) => `| ${cell(name)} | ${cell(value)} | ${cell(from)} |`,
  );
  return `<!-- for ${configurationDocument} -->\n\n| setting | value | from |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}
