import {useInput, usePaste} from 'ink';
import {toKeys} from './keys.ts';

/**
 * The only place that listens to the keyboard. Pasted text has a sink of its own, so that it can never be taken for
 * keys (TERMINAL.md).
 */
export function useKeys(onKey: (key: string) => void, onPaste: (text: string) => void): void {
  useInput((input, key) => {
    for (const each of toKeys(input, key)) onKey(each);
  });
  usePaste(onPaste);
}
