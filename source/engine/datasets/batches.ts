import type {PlannedDataset, SourceFile} from './type.ts';

/** Files that go to a worker together: one by one, sending them would take longer than copying them. */
const mostTogether = 200;
const mostBytesTogether = 16 * 1024 * 1024;
/** Files of one directory of a dataset (its index), copied together; what has its data written down is alone in its own. */
export type Batch = {dataset: number; directory: string[]; files: SourceFile[]};

export function batchesOf(datasets: PlannedDataset[]): Batch[] {
  return datasets.flatMap(({files}, dataset) => {
    const batches: Batch[] = [];
    let last: Batch | null = null;
    let bytes = 0;
    let place = '';
    for (const file of files) {
      const directory = file.segments.slice(0, -1);
      const full =
        last !== null && (last.files.length >= mostTogether || bytes + file.bytes > mostBytesTogether);
      if (!last || full || file.produce || last.files[0]?.produce || directory.join('/') !== place) {
        place = directory.join('/');
        last = {dataset, directory, files: []};
        batches.push(last);
        bytes = 0;
      }
      last.files.push(file);
      bytes += file.bytes;
    }
    return batches;
  });
}
