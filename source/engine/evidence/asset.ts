import {createHash} from 'node:crypto';
import path from 'node:path';
import {readSmallFile} from '../base/files.ts';
import {exitCode, Problem} from '../base/problem.ts';
import type {Configuration, Fault} from '../config/configuration.ts';
import {configuredNames, describeConfiguration} from '../config/effective.ts';
import {type OwnFile, ownFileName, readOwnFile} from '../config/own-file.ts';
import type {EvidenceContext} from '../session/context-schema.ts';
import {canonicalJson} from './canonical.ts';
import type {EvidenceRecord} from './schema.ts';

export type EvidenceSettings = NonNullable<OwnFile['evidence']>;

/** @throws Problem where `config.json` cannot be used: what it says would count */
export function evidenceSettings(root: string): EvidenceSettings {
  const faults: Fault[] = [];
  const own = readOwnFile(root, faults);
  const [fault] = faults;
  if (fault) throw new Problem(exitCode.failed, `${ownFileName} ${fault.message}. No evidence was written.`);
  return own?.evidence ?? {};
}

/** What the evidence is about: the root by its name in the inventory, with what is configured of it. No secret is in it. */
export function assetFacts(
  root: string,
  configuration: Configuration,
  {asset}: EvidenceSettings,
  {host}: EvidenceContext,
): EvidenceRecord['asset'] {
  const names = configuredNames(configuration);
  const settings = describeConfiguration(configuration).map(({name, value}) => [name, value]);
  return {
    id: asset ?? `${host.machine_id ?? host.name}:${root}`,
    configured: asset !== undefined,
    root,
    backups: configuration.path.value,
    environment: configuration.environment.value,
    configuration: createHash('sha256').update(canonicalJson(settings)).digest('hex'),
    datasets: names && configuration.datasets.value.map(({name, source}) => ({name, source})),
  };
}

/** More than any runbook has. */
const largest = 16 * 1024 * 1024;

/** The runbook's version: which one was gone by. Null where none is configured, or it cannot be read. */
export function runbookFacts(root: string, {runbook}: EvidenceSettings): EvidenceRecord['runbook'] {
  if (runbook === undefined) return null;
  const file = path.resolve(root, runbook);
  const read = readSmallFile(file, largest);
  if (!('data' in read)) return null;
  return {path: file, sha256: createHash('sha256').update(read.data).digest('hex')};
}
