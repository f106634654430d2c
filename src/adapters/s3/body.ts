import { WrongSize } from "../../ports/blob-store.ts";

/**
 * The source's bytes, checked to be exactly `size`; otherwise it throws `WrongSize`. Each chunk is held back until the next one arrives, so that the
 * store never has all announced bytes of a source that still has more.
 */
export async function* withExactSize(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let count = 0;
  let previous: Buffer | undefined;
  for await (const chunk of source) {
    if (chunk.length === 0) continue;
    count += chunk.length;
    if (count > size) throw new WrongSize(`more than ${size} bytes`);
    if (previous) yield previous;
    previous = chunk;
  }
  if (count !== size) throw new WrongSize(`${count} bytes instead of ${size}`);
  if (previous) yield previous;
}
