/** What is found out about an evidence file, a line each. */
export type Check = {
  name: string;
  state: 'ok' | 'failed' | 'not checked';
  text: string;
  /** Something that belongs to the file is not here, so that this could not be checked. */
  gap?: true;
};

export const ok = (name: string, text: string): Check => ({name, state: 'ok', text});
export const failed = (name: string, text: string): Check => ({name, state: 'failed', text});
/** Nobody asked for it, or it does not concern this file. */
export const notChecked = (name: string, text: string): Check => ({name, state: 'not checked', text});
export const gap = (name: string, text: string): Check => ({...notChecked(name, text), gap: true});

/** `a, b, c and 4 more`. */
export function listed(names: string[], most = 5): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

export const count = (amount: number, one: string, many = `${one}s`): string =>
  `${amount} ${amount === 1 ? one : many}`;
