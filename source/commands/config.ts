import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {readRows} from '../engine/catalog/read-all.ts';
import {type Configuration, describeFault} from '../engine/config/configuration.ts';
import {type Databases, describeDatabases, readDatabases, whyUncovered} from '../engine/config/databases.ts';
import {type DescribedSetting, describeConfiguration, remarksOn} from '../engine/config/effective.ts';
import {changesOf, configurationDocument} from '../engine/config/last-run.ts';
import {ownFileName, ownJsonSchema} from '../engine/config/own-file.ts';
import {suggestDatasets} from '../engine/config/suggest-datasets.ts';
import {withOthers} from '../engine/retention/plan.ts';
import {changeSentences} from '../presenters/retention-plan.ts';
import {writeJson, writeOut} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openPlace, wrongUsage} from './command.ts';
import {yes} from './flags.ts';
import {table} from './table.ts';
import {lineOf} from './tell.ts';

const flags = {
  markdown: yes('as a table to paste into the documentation'),
  schema: yes('the JSON schema of storage/runbook/config.json'),
  suggest: yes(
    'what to add to storage/runbook/config.json, so that every database of the PHP configuration is backed up',
  ),
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
    wrongUsage('--backups has no configuration. Name the project: --root DIR.');
  }
  const rows = [...readRows(place).rows.values()];
  const configuration = withOthers({...place, root: place.root, configuration: read}, rows);
  const databases = await readDatabases(place.root, configuration, process.env, flags.env);
  if (flags.suggest) return await suggest(place.root, configuration, databases, flags.json ?? false);
  const changes = changesOf(place.root, configuration);
  const values = [...describeConfiguration(configuration), ...describeDatabases(databases)];
  const {faults, refused} = configuration;
  if (flags.json) {
    const told = {...configurationJson(configuration), databases: databases.databases, changes};
    await writeJson({command: 'config', root: place.root, ...told});
  } else if (flags.markdown) {
    await writeOut(markdown(values));
    process.stderr.write(
      wrong(configuration, values, changes)
        .map((line) => `${line}\n`)
        .join(''),
    );
  } else await writeOut(await text(configuration, values, changes));
  return faults.length + refused.length > 0 || values.some(({problem}) => problem)
    ? exitCode.failed
    : exitCode.done;
}

/** Every database in a backup: as the list of datasets that stands in the place of PHP's own. */
async function suggest(
  root: string,
  configuration: Configuration,
  databases: Databases,
  json: boolean,
): Promise<ExitCode> {
  const {blocking} = configuration;
  if (blocking.length > 0 || databases.problem !== null)
    throw new Problem(
      exitCode.failed,
      `Fix the configuration first: ${[...blocking, databases.problem ?? []].flat().join('; ')}.`,
    );
  const {entries, added} = suggestDatasets(root, configuration, databases);
  const untold = databases.databases.filter((each) => each.what === null && whyUncovered(each) !== null);
  if (json) await writeJson({command: 'config:suggest', root, datasets: entries, added});
  else if (added > 0) {
    const lines = entries.map((entry) => `      ${asciiJson(entry)}`).join(',\n');
    await writeOut(`{\n  "version": 1,\n  "backup": {\n    "datasets": [\n${lines}\n    ]\n  }\n}\n`);
    process.stderr.write(
      `Put "datasets" into "backup" of ${ownFileName}, where it replaces the list in the PHP configuration. New: ${escapeText(
        entries
          .slice(-added)
          .map(({name}) => name)
          .join(', '),
      )}.\n`,
    );
  } else if (untold.length === 0)
    await writeOut('Every database that the PHP configuration connects to is in a dataset.\n');
  for (const database of untold)
    process.stderr.write(
      `! ${escapeText(`database ${database.connections.join(', ')} (${database.from}): ${whyUncovered(database)}`)}\n`,
    );
  return untold.length > 0 ? exitCode.failed : exitCode.done;
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

async function text(
  configuration: Configuration,
  values: DescribedSetting[],
  changes: string[],
): Promise<string> {
  const lines = await table(
    ['SETTING', 'VALUE', 'FROM'],
    values.map(({name, value, from}) => [name, value, from]),
  );
  return `${[...lines, ...wrong(configuration, values, changes)].join('\n')}\n`;
}

/** What is wrong with the values, a line each. */
function wrong(configuration: Configuration, values: DescribedSetting[], changes: string[]): string[] {
  const {faults} = configuration;
  const problems = values.flatMap(({name, problem}) => (problem ? [`${name}: ${problem}`] : []));
  return [
    ...changeSentences(changes).map(lineOf),
    ...[...remarksOn(configuration), ...problems].map((line) => `! ${escapeText(line)}`),
    ...faults.map((fault) => `x ${escapeText(describeFault(fault))}`),
  ];
}

/** A cell of a markdown table holds no bar, no line break and no markup of somebody else's. */
const cell = (value: string): string => escapeText(value).replace(/[|`<[\]\\*]/g, (sign) => `\\${sign}`);

function markdown(values: DescribedSetting[]): string {
  const rows = values.map(({name, value, from}) => `| ${cell(name)} | ${cell(value)} | ${cell(from)} |`);
  return `<!-- for ${configurationDocument} -->\n\n| setting | value | from |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}
