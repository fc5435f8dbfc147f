/** What there is of a list: in the place of what does not apply stands `false` or `null`. */
export const present = <T>(all: (T | false | null | undefined)[]): T[] =>
  all.filter((each) => each !== false && each != null) as T[];
