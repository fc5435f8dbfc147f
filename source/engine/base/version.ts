/** The package's version, put here by the build. */
declare const MAGDS_VERSION: string | undefined;

export const version = typeof MAGDS_VERSION === 'string' ? MAGDS_VERSION : '0.0.0-source';
export const programName = `magds ${version}`;
