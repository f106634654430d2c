/** Milliseconds of work before the event loop gets a turn. */
const sliceMs = 1;
/**
 * How many waiting callers continue together after such a turn. Each does at least one item, so that a thousand at once would take far longer than a slice;
 * with 16 writers waited longer than readers gained (`npm run bench -- events`).
 */
const resumedAtOnce = 4;

let sliceStartedAt = 0;
const waiting: (() => void)[] = [];

function resumeSome(): void {
  sliceStartedAt = performance.now();
  for (const resume of waiting.splice(0, resumedAtOnce)) resume();
  if (waiting.length) setImmediate(resumeSome);
}

/**
 * Lets other work of the process run once a slice of time is used up. Code that works through a long list without waiting for I/O awaits this after each
 * item. All callers share one slice, and continue in the order of their calls.
 */
export function yieldToEventLoop(): Promise<void> | undefined {
  if (!waiting.length && performance.now() - sliceStartedAt < sliceMs) return undefined;
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(resumeSome);
  });
}
