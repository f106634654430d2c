/**
 * How long a slice of work lasts before what else the process has to do gets its turn (milliseconds), and how many of those who wait go on together
 * after that: each does at least one item, so that a thousand at once would take far longer than a slice. (By `npm run bench -- events`: with 16 at once
 * writers waited longer than readers gained.)
 */
const most = { slice: 1, atOnce: 4 };

let began = 0;
const waiting: (() => void)[] = [];

function release(): void {
  began = performance.now();
  for (const resume of waiting.splice(0, most.atOnce)) resume();
  if (waiting.length) setImmediate(release);
}

/**
 * Lets what else the process has to do go on, once a slice of work is done: whoever works through a long list without waiting for anything calls
 * this after each item. All that call it share one slice, and go on in the order in which they came.
 */
export function yieldToEventLoop(): Promise<void> | undefined {
  if (!waiting.length && performance.now() - began < most.slice) return undefined;
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(release);
  });
}
