const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Stops this thread for so many milliseconds: a tick of the clock, not longer. */
export const sleep = (milliseconds: number): void => {
  Atomics.wait(sleeper, 0, 0, milliseconds);
};
