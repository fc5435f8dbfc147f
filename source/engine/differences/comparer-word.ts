/** The word that this program is called with to compare what is too much for a screen to wait for; not for people. */
export const comparerWord = 'internal:compare';
