import path from 'node:path';
import {readSmallFile} from '../base/files.ts';
import type {Configuration} from '../config/configuration.ts';
import {configuredNames, describeConfiguration} from '../config/effective.ts';
import type {EvidenceSettings} from '../config/own-settings.ts';
import {canonicalJson} from './canonical.ts';
import {sha256Of} from './place.ts';
import type {EvidenceRecord} from './schema.ts';

/** What the evidence is about: the root by its name in the inventory, with what is configured of it. No secret is in it. */
export function assetFacts(
  root: string,
  configuration: Configuration,
  {asset}: EvidenceSettings,
  {host}: EvidenceRecord['exported'],
): EvidenceRecord['asset'] {
  const names = configuredNames(configuration);
  const settings = describeConfiguration(configuration).map(({name, value}) => [name, value]);
  return {
    id: asset ?? `${host.machine_id ?? host.name}:${root}`,
    configured: asset !== undefined,
    root,
    backups: configuration.path.value,
    environment: configuration.environment.value,
    configuration: sha256Of(canonicalJson(settings)),
    datasets: names && configuration.datasets.value.map(({name, source}) => ({name, source})),
  };
}

/** More than any runbook has. */
const largestRunbook = 16 * 1024 * 1024;

/** The runbook's version: which one was gone by. Null where none is configured, or it cannot be read. */
export function runbookFacts(root: string, {runbook}: EvidenceSettings): EvidenceRecord['runbook'] {
  if (runbook === undefined) return null;
  const file = path.resolve(root, runbook);
  const read = readSmallFile(file, largestRunbook);
  return 'data' in read ? {path: file, sha256: sha256Of(read.data)} : null;
}
