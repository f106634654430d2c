import { WrongSize } from "../../ports/blob-store.ts";

/** Holds each chunk back until the next is there, so that the store never has all it was promised while there is still more to come. */
export async function* exactly(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let count = 0;
  let held: Buffer | undefined;
  for await (const chunk of source) {
    if (chunk.length === 0) continue;
    count += chunk.length;
    if (count > size) throw new WrongSize(`more than ${size} bytes`);
    if (held) yield held;
    held = chunk;
  }
  if (count !== size) throw new WrongSize(`${count} bytes instead of ${size}`);
  if (held) yield held;
}
