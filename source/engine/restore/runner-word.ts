/** The word that this program is called with to carry out a restore; not for people. */
export const runnerWord = 'internal:restore';
