/** The first argument with which a shell asks what may be typed next; not for people. */
export const completerWord = 'internal:complete';
