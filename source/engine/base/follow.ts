type Following<Event> = {
  /** Milliseconds between two events about how far the work is. */
  interval: number;
  progress: () => Event;
  /** Ends the work where the reader of the events stops early. */
  stop?: () => void;
};

/**
 * Tells of work while it goes on: what it pushes, and now and then how far it is. Ends when the work has, and fails as it
 * did; a reader that stops early leaves nothing at work.
 */
export async function* follow<Event>(
  work: (push: (event: Event) => void) => Promise<unknown>,
  {interval, progress, stop}: Following<Event>,
): AsyncGenerator<Event, void, undefined> {
  const events: Event[] = [];
  let wake = (): void => {};
  let over = false;
  const push = (event: Event): void => {
    events.push(event);
    wake();
  };
  const running = work(push).finally(() => {
    over = true;
    wake();
  });
  // Awaited below; a failure before that is not unheard.
  running.catch(() => {});
  const timer = setInterval(() => push(progress()), interval);
  try {
    for (;;) {
      const event = events.shift();
      if (event !== undefined) yield event;
      else if (over) break;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (over || events.length > 0) resolve();
        });
      }
    }
    await running;
  } finally {
    clearInterval(timer);
    if (!over) stop?.();
    await running.catch(() => {});
  }
}
