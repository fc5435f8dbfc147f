import type {Configuration} from './configuration.ts';
import {oursBelow, oursOf, realPath, whichOfOurs} from './ours.ts';

/** Something that an operator would not expect of configured datasets; `names`: which they are. */
type DatasetNote = {names: string[]; text: string};

const onlyInto = 'a restore never overwrites it: its copy comes back --into a directory only';

/** What of ours a dataset is, or holds. */
function aboutOurs(root: string, configuration: Configuration): DatasetNote[] {
  const ours = oursOf(root, configuration);
  return configuration.datasets.value.flatMap(({name, source, type}) => {
    const real = realPath(source);
    const own = whichOfOurs(ours, real);
    const note = (text: string): DatasetNote => ({names: [name], text: `${name} ${text}`});
    if (own) {
      const is = own.isDirectory ? 'lies in' : 'is';
      return [note(`${is} ${own.what}: ${onlyInto}`)];
    }
    if (!type.isTree) return [];
    return oursBelow(ours, real).map(({what, isDirectory}) =>
      note(`holds ${what}: ${isDirectory ? 'that is not backed up with it' : onlyInto}`),
    );
  });
}

/** Datasets that share files: two of one file, a directory and what lies in it. */
function overlaps({datasets}: Configuration): DatasetNote[] {
  const all = datasets.value.map(({name, source, type}) => ({name, source, type, real: realPath(source)}));
  const bySource = Map.groupBy(all, ({real}) => real);
  const note = (one: string, other: string, what: string): DatasetNote => ({
    names: [one, other],
    text: `${one} and ${other} overlap, both hold ${what}: they can be restored together only while their copies of it are the same`,
  });
  return all.flatMap((each) => {
    const same = bySource.get(each.real) ?? [];
    const notes =
      same[0] === each ? same.slice(1).map((other) => note(each.name, other.name, each.source)) : [];
    for (let end = each.real.lastIndexOf('/'); end > 0; end = each.real.lastIndexOf('/', end - 1))
      for (const above of bySource.get(each.real.slice(0, end)) ?? [])
        if (above.type.isTree) notes.push(note(above.name, each.name, each.source));
    return notes;
  });
}

/** What an operator would not expect of the datasets as they are configured, and has to hear before an incident. */
export const datasetNotes = (root: string, configuration: Configuration): DatasetNote[] => [
  ...aboutOurs(root, configuration),
  ...overlaps(configuration),
];
