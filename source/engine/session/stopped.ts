/** Why a restore cannot go on, for the operator: which dataset, why, and what to do. What was done is taken back. */
export class Stopped extends Error {}

/** The operator does not want it any more. */
export class CancelledRestore extends Error {}
