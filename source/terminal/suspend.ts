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
    });
  } finally {
    clearInterval(alive);
    await suspension.resume();
  }
}
