import {createHash} from 'node:crypto';
import fs from 'node:fs';
import * as z from 'zod/mini';
import {asciiJson} from '../base/escape.ts';
import {readSmallFile} from '../base/files.ts';
import {parseAs} from '../base/parse-as.ts';
import {directoryOf, heldDirectory} from '../storage/held.ts';
import {inState, openState} from '../storage/runbook/state-directory.ts';
import type {BackupResult} from './record.ts';

/** Failures that have been told to whom they were to be told, by backup: nobody wants to hear them every night. */
const toldName = 'told.json';

const toldSchema = z.record(z.string(), z.string());
const largest = 1024 * 1024;

/** What was found; another manifest or other copies make it another one. */
const findingOf = ({reason, datasets}: BackupResult): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        reason,
        datasets.map(({name, status, expected, actual}) => [name, status, expected, actual]),
      ]),
    )
    .digest('hex');

export class ToldFailures {
  readonly #root: string;
  readonly #told: Map<string, string>;

  constructor(root: string) {
    this.#root = root;
    const read = inState(root, (state) => state && readSmallFile(`${state.path}/${toldName}`, largest));
    const text = read && 'data' in read ? read.data.toString('utf8') : '';
    this.#told = new Map(Object.entries(parseAs(toldSchema, text) ?? {}));
  }

  /** The result, and whether it is a failure that has been told as it is. */
  marked(result: BackupResult): BackupResult {
    const isKnown = result.result === 'failed' && this.#told.get(result.id) === findingOf(result);
    return isKnown ? {...result, known: true} : result;
  }

  /**
   * Keeps that these have been told. Where it cannot be kept they are told again, which is no harm.
   * @param areTold whether everybody was reached
   */
  keep(results: BackupResult[], backups: string, areTold: boolean): void {
    const before = asciiJson(Object.fromEntries(this.#told));
    for (const result of results) {
      if (result.result === 'passed' || result.result === 'gone') this.#told.delete(result.id);
      else if (result.result === 'failed' && areTold) this.#told.set(result.id, findingOf(result));
    }
    for (const id of this.#told.keys())
      if (
        !results.some((each) => each.id === id) &&
        !fs.existsSync(directoryOf(backups, heldDirectory(this.#root), id))
      )
        this.#told.delete(id);
    const now = asciiJson(Object.fromEntries(this.#told));
    if (now === before) return;
    try {
      using state = openState(this.#root);
      state.write(toldName, `${now}\n`);
    } catch {
      // Where it is somebody else's tree, or another verification writes it just now.
    }
  }
}
