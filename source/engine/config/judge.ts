import {whyUnsupported} from '../hashing/algorithms.ts';
import type {Configuration} from './configuration.ts';
import {datasetNotes} from './dataset-notes.ts';
import {environments, isPlainName} from './environment.ts';

/** The kernel looks at what all layers come to, not at the name that chose them; where that is not told, at the name. */
function wrongWithEnvironment({environment, kernelEnvironment}: Configuration): string | null {
  if (!environments.includes((kernelEnvironment ?? environment).value))
    return `the kernel knows no such environment${kernelEnvironment ? ` as ${kernelEnvironment.value}` : ''}; it knows ${environments.join(', ')}`;
  return isPlainName(environment.value) ? null : 'is not a plain name: what PHP reads for it is not known';
}

/** Where it is not known what is meant, nothing is written. */
export function findBlocking(configuration: Configuration): string[] {
  const {environment, enabled, path: where, datasets, algorithm, maxCount, faults} = configuration;
  const named = {
    'backup.enabled': enabled,
    'backup.path': where,
    'backup.datasets': datasets,
    'backup.verification.algorithm': algorithm,
    'backup.retention.max_count': maxCount,
  };
  const values = Object.entries(named).flatMap(([name, {problem, from}]) =>
    problem === null ? [] : [`${name} (${from}): ${problem}`],
  );
  const unsupported = whyUnsupported(algorithm.value);
  if (unsupported !== null) values.push(unsupported);
  const wrong = wrongWithEnvironment(configuration);
  if (wrong !== null) values.push(`${environment.value}: ${wrong}`);
  return [...faults.map(({file, line, message}) => `${file}:${line} ${message}`), ...values];
}

/** Notes that are told of what may be thousands. */
const mostNotes = 20;

const firstOf = (notes: string[]): string[] =>
  notes.length <= mostNotes
    ? notes
    : [...notes.slice(0, mostNotes), `and ${notes.length - mostNotes} more of that kind`];

/** What is wrong with a value whatever it came from. */
export function check(configuration: Configuration, root: string): void {
  const {algorithm, environment, datasets, maxCount} = configuration;
  algorithm.problem ??= whyUnsupported(algorithm.value);
  environment.problem ??= wrongWithEnvironment(configuration);
  if (maxCount.value === null && !maxCount.problem)
    maxCount.problem = 'keeps every backup: the disk fills up';
  const outside = datasets.value.filter(({source}) => !source.startsWith(`${root}/`)).map(({name}) => name);
  const said = [
    ...(outside.length > 0 && !datasets.problem ? [`outside the project: ${outside.join(', ')}`] : []),
    ...firstOf(datasetNotes(root, configuration).map(({text}) => text)),
  ];
  if (said.length > 0) datasets.problem = [datasets.problem, ...said].filter(Boolean).join('; ');
}
