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
