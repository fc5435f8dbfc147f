/** Hands the terminal over, as Ink does. */
export type HandOver = () => Promise<{resume(): Promise<void>}>;

export type Suspension = {
  /** Ctrl+Z. */
  suspend(): void;
  /** Obeys the signals too, from now on. @returns what ends that */
  watch(handOver: HandOver): () => void;
};

/** Milliseconds after which we have not been stopped; a stopped process does not get here. */
const unstopped = 200;

/** The window may have changed while nobody told us: then Node reads its size again, as for the signal itself. */
const readSize = (): boolean => process.emit('SIGWINCH', 'SIGWINCH');

/**
 * Stopping and going on: by Ctrl+Z, by SIGTSTP from outside, and after a SIGSTOP that nobody can see coming. Stops the
 * whole job, as a shell expects. Without a live timer Node would exit when it is continued (TERMINAL.md, "Exit").
 */
export function createSuspension(): Suspension {
  let handOver: HandOver | null = null;
  let isAway = false;

  async function away(stop: () => Promise<void>): Promise<void> {
    if (isAway || handOver === null) return;
    isAway = true;
    const alive = setInterval(() => {}, 60_000);
    try {
      const {resume} = await handOver();
      await stop();
      readSize();
      await resume();
    } finally {
      clearInterval(alive);
      isAway = false;
    }
  }

  async function stopJob(): Promise<void> {
    // While it is listened to, it stops nothing.
    process.off('SIGTSTP', suspend);
    await new Promise<void>((resolve) => {
      process.once('SIGCONT', () => resolve());
      process.kill(0, 'SIGTSTP');
      // Nobody may be there to stop us: as the first process of a terminal (`ssh -t host magds`) the signal is dropped.
      setTimeout(resolve, unstopped);
    });
    process.on('SIGTSTP', suspend);
  }

  const suspend = (): void => void away(stopJob);
  /** The shell has had the terminal in the meantime. */
  const continued = (): void => void away(() => Promise.resolve());

  return {
    suspend,
    watch(given) {
      handOver = given;
      process.on('SIGTSTP', suspend);
      process.on('SIGCONT', continued);
      return () => {
        handOver = null;
        process.off('SIGTSTP', suspend);
        process.off('SIGCONT', continued);
      };
    },
  };
}
