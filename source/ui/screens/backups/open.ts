import type {Load} from '../../work.ts';
import type {backupsWork} from './work.ts';

export const loadBackups: Load<ReturnType<typeof backupsWork>> = async (place) =>
  (await import('./work.ts')).backupsWork(place);
