/**
 * Iterates over what `next` gives, until that is null. Ending it calls `onEnd`, and whoever waits for a next item is told at once that there is none;
 * `onEnd` is what makes `next` come to its end, of which nobody hears any more. So do null, and an error of `next`.
 */
export function closableIterator<T>(next: () => Promise<T | null>, onEnd: () => void): AsyncGenerator<T, void> {
  const done = { done: true, value: undefined } as const;
  let open = true;
  let release: () => void = () => undefined;
  const end = (): IteratorResult<T, void> => {
    if (!open) return done;
    open = false;
    onEnd();
    release();
    return done;
  };
  const generator: AsyncGenerator<T, void> = {
    next: () =>
      new Promise((resolve, reject) => {
        if (!open) return resolve(done);
        release = () => resolve(done);
        next().then(
          (value) => resolve(value === null || !open ? end() : { done: false, value }),
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
