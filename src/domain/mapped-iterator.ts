/**
 * The items of another iterator, changed one by one. Ending it calls `onEnd` and ends the other at once, even while that waits for its next item;
 * so does the other's own end.
 */
export const mapped = <T, U>(
  source: AsyncIterator<T, void>,
  change: (item: T) => U | Promise<U>,
  onEnd: () => void = () => undefined,
): AsyncGenerator<U, void> => {
  let open = true;
  const end = async (): Promise<IteratorResult<U, void>> => {
    if (open) {
      open = false;
      onEnd();
      await source.return?.();
    }
    return { done: true, value: undefined };
  };
  const generator: AsyncGenerator<U, void> = {
    next: async () => {
      try {
        const item = await source.next();
        if (item.done) return await end();
        const value = await change(item.value);
        return open ? { done: false, value } : { done: true, value: undefined };
      } catch (error) {
        await end();
        throw error;
      }
    },
    return: end,
    throw: async (error) => {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
  };
  return generator;
};
