export type DatasetStatus =
  | 'match'
  | 'mismatch'
  | 'missing'
  | 'unreadable'
  | 'unsupported'
  | 'unsafe'
  /** Nothing is known of the copy: this machine had too little of something to read it. */
  | 'not checked'
  | 'cancelled';

export type DatasetResult = {
  name: string;
  status: DatasetStatus;
  algorithm: string | null;
  expected: string | null;
  actual: string | null;
  /** Bytes read. */
  bytes: number | null;
  mtimeMs: number | null;
  /** Why it is no match; null for a match. */
  reason: string | null;
};

/** Something of a directory that no file of the backup stands for. `grave`: data that should have been copied. */
export type LeftOut = {name: string; reason: string; grave: boolean};
