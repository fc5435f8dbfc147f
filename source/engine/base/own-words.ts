/**
 * The first words that this program is called with by itself, and by shells: to look into copies, to compare what is too
 * much for a screen to wait for, to restore, and to say what may be typed next. Not for people.
 */
export const checkerWord = 'internal:content';
export const comparerWord = 'internal:compare';
export const runnerWord = 'internal:restore';
export const completerWord = 'internal:complete';
