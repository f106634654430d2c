/**
 * An iterator over the results of `next`, until that resolves with null or rejects. Closing the iterator calls `onEnd` and ends a pending iteration at once,
 * with `done`; `onEnd` must make a pending `next` settle, whose result is then ignored. `onEnd` is also called when the iterator ends by itself.
 */
export function closableIterator<T>(next: () => Promise<T | null>, onEnd: () => void): AsyncGenerator<T, void> {
  const done = { done: true, value: undefined } as const;
  let isOpen = true;
  let endPending: () => void = () => undefined;
  const end = (): IteratorResult<T, void> => {
    if (!isOpen) return done;
    isOpen = false;
    onEnd();
    endPending();
    return done;
  };
  const generator: AsyncGenerator<T, void> = {
    next: () =>
      new Promise((resolve, reject) => {
        if (!isOpen) return resolve(done);
        endPending = () => resolve(done);
        next().then(
          (value) => resolve(value === null || !isOpen ? end() : { done: false, value }),
          (error) => {
            reject(error);
            end();
          },
        );
      }),
    return: async () => end(),
    throw: async (error) => {
      end();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
  };
  return generator;
}
