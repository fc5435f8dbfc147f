import fs from 'node:fs';
import {createInterface} from 'node:readline';
import {sayReady} from '../base/own-program.ts';
import {describeError} from '../base/problem.ts';
import {compareDatabases} from './compare-databases.ts';
import {compareRecords} from './compare-records.ts';
import {type ComparisonLine, jobSchema} from './tables.ts';

/** Answers one job, in lines of JSON. Who asked closes the way that it came when nothing more is wanted. */
export async function serveComparison(): Promise<void> {
  const tell = (telling: ComparisonLine): void => void fs.writeSync(1, `${JSON.stringify(telling)}\n`);
  sayReady();
  const lines = createInterface({input: process.stdin});
  const stop = new AbortController();
  const first = new Promise<string>((resolve) => lines.once('line', resolve));
  lines.once('close', () => stop.abort());
  const job = jobSchema.parse(JSON.parse(await first));
  try {
    if (job.as === 'sqlite') for await (const telling of compareDatabases(job, stop.signal)) tell(telling);
    else compareRecords(job, job.as, tell);
  } catch (error) {
    tell({is: 'not so', why: describeError(error)});
  }
  tell({is: 'end'});
  lines.close();
}
