import type {Load} from '../../work.ts';
import type {BackupsWork} from './work.ts';

export const loadBackups: Load<BackupsWork> = async (place) =>
  new (await import('./work.ts')).BackupsWork(place);
