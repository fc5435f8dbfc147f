/**
 * A list of thousands that is changed at one place after the other. A change copies one part of it and the list of the
 * parts: all changes together take a time that hardly grows faster than the list.
 */
export type InParts<T> = readonly (readonly T[])[];

/** Items of a part: about as many as there are parts of 20,000. */
const partLength = 128;

export const inParts = <T>(items: readonly T[]): InParts<T> =>
  Array.from({length: Math.ceil(items.length / partLength)}, (_, part) =>
    items.slice(part * partLength, (part + 1) * partLength),
  );

export const mapParts = <T>(list: InParts<T>, change: (item: T, index: number) => T): InParts<T> =>
  list.map((part, number) => part.map((item, index) => change(item, number * partLength + index)));

/** The same list where it has no such item. */
export function changeAt<T>(list: InParts<T>, index: number, change: (item: T) => T): InParts<T> {
  const [number, position] = [Math.floor(index / partLength), index % partLength];
  const part = list[number];
  if (!part || !(position in part)) return list;
  return list.with(number, part.with(position, change(part[position] as T)));
}
