/** Milliseconds that telling of events may go on before others get their turn. */
const slice = 5;

let began = 0;
let turn: Promise<void> | null = null;

/**
 * Lets what else the process has to do go on, once a slice of work is done: whoever works through a long list without waiting for anything calls
 * this after each item. All that call it share one slice.
 */
export const breathe = (): Promise<void> | undefined => {
  if (!turn && performance.now() - began < slice) return undefined;
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = null;
      began = performance.now();
      resolve();
    });
  });
  return turn;
};
