/**
 * Iterates over what `next` gives, until that is null. Ending it calls `onEnd` at once, even while `next` still waits: `onEnd` is what makes that
 * come to its end. So do null, and an error of `next`.
 */
export const endable = <T>(next: () => Promise<T | null>, onEnd: () => void): AsyncGenerator<T, void> => {
  let open = true;
  const end = (): IteratorResult<T, void> => {
    if (open) {
      open = false;
      onEnd();
    }
    return { done: true, value: undefined };
  };
  const generator: AsyncGenerator<T, void> = {
    next: async () => {
      try {
        const value = open ? await next() : null;
        return value === null || !open ? end() : { done: false, value };
      } catch (error) {
        end();
        throw error;
      }
    },
    return: async () => end(),
    throw: async (error) => {
      end();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
  };
  return generator;
};
