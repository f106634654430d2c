/**
 * Does what is asked for in batches, one at a time: each takes all that came while the one before was under way. Whoever asks alone doesn't
 * wait. What fails fails for the whole batch.
 */
export const together = <T, R>(work: (items: T[]) => Promise<R>): ((item: T) => Promise<R>) => {
  let waiting: T[] = [];
  let next: Promise<R> | null = null;
  let running: Promise<unknown> = Promise.resolve();
  const begin = (): Promise<R> => {
    const items = waiting;
    waiting = [];
    next = null;
    const done = work(items);
    running = done.catch(() => undefined);
    return done;
  };
  return (item) => {
    waiting.push(item);
    next ??= running.then(begin);
    return next;
  };
};

/** The same for what is looked up: `find` looks for all of them, and resolves with what gives each its own. */
export const lookedUpTogether = <T, R>(find: (items: T[]) => Promise<(item: T) => R>): ((item: T) => Promise<R>) => {
  const findAll = together(find);
  return async (item) => (await findAll(item))(item);
};
