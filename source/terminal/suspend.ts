/** Milliseconds after which we have not been stopped; a stopped process does not get here. */
const unstopped = 200;

/**
 * Ctrl+Z: hands the terminal back to the shell, stops the whole job as a shell expects, and takes it again on `fg`.
 * Without a live timer Node would exit when it is continued (TERMINAL.md, "Exit").
 */
export async function suspendUntilContinued(
  handOver: () => Promise<{resume(): Promise<void>}>,
): Promise<void> {
  const suspension = await handOver();
  const alive = setInterval(() => {}, 60_000);
  try {
    await new Promise<void>((resolve) => {
      process.once('SIGCONT', () => resolve());
      process.kill(0, 'SIGTSTP');
      // Nobody may be there to stop us: as the first process of a terminal (`ssh -t host magds`) the signal is dropped.
      setTimeout(resolve, unstopped);
    });
  } finally {
    clearInterval(alive);
    await suspension.resume();
  }
}
