/** What is found out about an evidence file, a line each. */
export type EvidenceCheck = {
  name: string;
  state: 'ok' | 'failed' | 'not checked';
  text: string;
  /** Something that belongs to the file is not here, so that this could not be checked. */
  gap?: true;
};

export const holds = (name: string, text: string): EvidenceCheck => ({name, state: 'ok', text});
export const failed = (name: string, text: string): EvidenceCheck => ({name, state: 'failed', text});
/** It was not asked for, or does not concern this file. */
export const notChecked = (name: string, text: string): EvidenceCheck => ({name, state: 'not checked', text});
export const gap = (name: string, text: string): EvidenceCheck => ({...notChecked(name, text), gap: true});
