/** The word that this program is called with to look into copies; not for people. */
export const checkerWord = 'internal:content';
