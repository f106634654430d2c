import { limits, NotShown } from "./budget.ts";

/** A reader of numbers that are packed without gaps, the lowest bits first. */
function unpack(bytes: Uint8Array, at: number, width: number, count: number): bigint[] {
  const mask = (1n << BigInt(width)) - 1n;
  const numbers: bigint[] = [];
  let held = 0n;
  let bits = 0;
  let next = at;
  for (let i = 0; i < count; i += 1) {
    while (bits < width) {
      const byte = bytes[next++];
      if (byte === undefined) throw new NotShown("is broken: packed differences end early");
      held |= BigInt(byte) << BigInt(bits);
      bits += 8;
    }
    numbers.push(held & mask);
    held >>= BigInt(width);
    bits -= width;
  }
  return numbers;
}

class Varints {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  next(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new NotShown("is broken: a number does not end");
  }

  signed(): bigint {
    const value = this.next();
    return value & 1n ? -((value + 1n) >> 1n) : value >> 1n;
  }
}

/** Reads numbers of `bits` that are stored as differences, from `start` on: at most `max` of the `total`, and where they end if all were read. */
export function readDeltas(
  bytes: Uint8Array,
  start: number,
  bits: 32 | 64,
  max: number,
): { numbers: bigint[]; end: number; total: number } {
  const varints = new Varints(bytes, start);
  const [blockSize, blocks, total] = [Number(varints.next()), Number(varints.next()), Number(varints.next())];
  const perBlock = blockSize / blocks;
  if (!Number.isInteger(perBlock) || perBlock % 8 || perBlock < 8 || perBlock > limits.values)
    throw new NotShown("is broken: its blocks of differences have an impossible size");
  const count = Math.min(total, max);
  const numbers: bigint[] = [];
  let value = varints.signed();
  if (count) numbers.push(value);
  while (numbers.length < count) {
    const least = varints.signed();
    const widths = bytes.subarray(varints.at, varints.at + blocks);
    varints.at += blocks;
    for (const width of widths) {
      if (numbers.length >= count) break;
      const size = Math.min(perBlock, count - numbers.length);
      for (const difference of unpack(bytes, varints.at, width, size)) {
        value = BigInt.asIntN(bits, value + least + difference);
        numbers.push(value);
      }
      varints.at += (perBlock * width) / 8;
    }
    if (widths.length < blocks) throw new NotShown("is broken: differences end early");
  }
  return { numbers, end: varints.at, total };
}
