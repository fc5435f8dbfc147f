import type {Workplace} from '../../work.ts';

export const loadBackups = async (place: Workplace) => (await import('./work.ts')).backupsWork(place);
