import type {SessionRecord} from '../../source/engine/session/record.ts';

/** Writes a line as an older version, or somebody else, may have: of any type, with any data. */
export function writeAny(record: SessionRecord, type: string, data: object = {}): void {
  const write: (type: never, data: never) => void = record.write.bind(record);
  write(type as never, data as never);
}
