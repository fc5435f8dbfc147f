import type {Stats} from 'node:fs';

/** Tells a directory from any other on this machine. */
export const inodeOf = ({dev, ino}: Stats): string => `${dev}:${ino}`;
