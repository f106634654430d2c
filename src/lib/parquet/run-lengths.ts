import { NotShown } from "./budget.ts";

/** The length of a run, and whether packed bits follow, before a run of the hybrid. */
function readRunHeader(bytes: Uint8Array, at: number): { header: number; next: number } {
  let header = 0;
  for (let next = at, factor = 1; factor <= 2 ** 35; factor *= 128) {
    const byte = bytes[next++];
    if (byte === undefined) break;
    header += (byte & 127) * factor;
    if (byte < 128) return { header, next };
  }
  throw new NotShown("is broken: a run has no length");
}

/** Reads `count` numbers of `width` bits in parquet's hybrid of runs and packed bits. */
export function readRuns(bytes: Uint8Array, width: number, count: number): Uint32Array {
  if (width > 32) throw new NotShown("is broken: a number has more than 32 bits");
  const numbers = new Uint32Array(count);
  let at = 0;
  let found = 0;
  while (found < count && at < bytes.length) {
    const { header, next } = readRunHeader(bytes, at);
    const run = Math.floor(header / 2);
    const isPacked = header % 2 === 1;
    const end = Math.min(count, found + (isPacked ? run * 8 : run));
    if (isPacked) unpackBits(bytes.subarray(next), width, numbers.subarray(found, end));
    else numbers.fill(littleEndian(bytes, next, Math.ceil(width / 8)), found, end);
    at = next + (isPacked ? run * width : Math.ceil(width / 8));
    found = end;
  }
  if (found < count) throw new NotShown("is broken: it has fewer values than it says");
  return numbers;
}

function littleEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i -= 1) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/** Fills `numbers` from bits that are packed without gaps, the lowest first. */
function unpackBits(bytes: Uint8Array, width: number, numbers: Uint32Array): void {
  if (numbers.length * width > bytes.length * 8) throw new NotShown("is broken: packed numbers end early");
  let held = 0;
  let bits = 0;
  let at = 0;
  // Held as a floating point number, which has room for 32 bits and 7 more.
  const size = 2 ** width;
  for (let i = 0; i < numbers.length; i += 1) {
    while (bits < width) {
      held += (bytes[at++] ?? 0) * 2 ** bits;
      bits += 8;
    }
    numbers[i] = held % size;
    held = Math.floor(held / size);
    bits -= width;
  }
}

/** The bits that the numbers up to `max` need. */
export function bitsFor(max: number): number {
  return 32 - Math.clz32(max);
}
