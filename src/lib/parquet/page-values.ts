import { limits, NotShown } from "./budget.ts";
import { readDeltas } from "./delta.ts";
import { readRuns } from "./run-lengths.ts";

/** A value before its logical type is looked at: whole numbers of 64 bits are bigints; texts, decimals and old timestamps are bytes. */
export type RawValue = boolean | number | bigint | Uint8Array;

/** The physical type of a column, and the bytes of a value of fixed length. */
export interface Physical {
  type: string;
  length: number;
}

const widths: Record<string, number> = { INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 };

function widthOf({ type, length }: Physical): number {
  const width = type === "FIXED_LEN_BYTE_ARRAY" ? length : widths[type];
  if (!width || width < 0) throw new NotShown(`has values of an unknown type ${type}`);
  return width;
}

function slice(bytes: Uint8Array, start: number, size: number): Uint8Array {
  if (start + size > bytes.length) throw new NotShown("is broken: a page ends in the middle of a value");
  return bytes.subarray(start, start + size);
}

/** How a value of fixed width is read from its bytes. */
function readerOf(type: string, width: number): (view: DataView, at: number) => RawValue {
  if (type === "INT32") return (view, at) => view.getInt32(at, true);
  if (type === "INT64") return (view, at) => view.getBigInt64(at, true);
  if (type === "FLOAT") return (view, at) => view.getFloat32(at, true);
  if (type === "DOUBLE") return (view, at) => view.getFloat64(at, true);
  return ({ buffer, byteOffset }, at) => new Uint8Array(buffer, byteOffset + at, width);
}

/** Texts of the given positions; each begins with its length, so that all before the last are passed. */
function pickTexts(bytes: Uint8Array, positions: Uint32Array): RawValue[] {
  const sought = new Set(positions);
  const found = new Map<number, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0, at = 0; found.size < sought.size; i += 1) {
    if (at + 4 > bytes.length) throw new NotShown("is broken: a page has fewer values than it says");
    const size = view.getUint32(at, true);
    if (sought.has(i)) found.set(i, slice(bytes, at + 4, size));
    at += 4 + size;
  }
  return Array.from(positions, (i) => found.get(i) ?? new Uint8Array());
}

/** Values at positions of a page without encoding, such as a dictionary. */
function pickPlain(bytes: Uint8Array, physical: Physical, positions: Uint32Array): RawValue[] {
  const { type } = physical;
  if (type === "BYTE_ARRAY") return pickTexts(bytes, positions);
  if (type === "BOOLEAN") return Array.from(positions, (i) => ((slice(bytes, i >> 3, 1)[0] ?? 0) >> (i & 7)) % 2 === 1);
  const width = widthOf(physical);
  if (positions.some((i) => (i + 1) * width > bytes.length))
    throw new NotShown("is broken: a page has fewer values than it says");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readerOf(type, width);
  return Array.from(positions, (i) => read(view, i * width));
}

function firstPositions(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

function readDictionary(bytes: Uint8Array, count: number, physical: Physical, dictionary: Uint8Array | null) {
  if (!dictionary) throw new NotShown("is broken: its dictionary is missing");
  if (!count) return [];
  return pickPlain(dictionary, physical, readRuns(bytes.subarray(1), bytes[0] ?? 0, count));
}

/** The bytes of values are spread: first all first bytes, then all second ones. */
function readSplit(bytes: Uint8Array, count: number, physical: Physical): RawValue[] {
  const width = widthOf(physical);
  const stride = Math.floor(bytes.length / width);
  if (count > stride) throw new NotShown("is broken: a page has fewer values than it says");
  const joined = new Uint8Array(count * width);
  for (let i = 0; i < joined.length; i += 1) joined[i] = bytes[(i % width) * stride + Math.floor(i / width)] ?? 0;
  return pickPlain(joined, physical, firstPositions(count));
}

function readLengths(bytes: Uint8Array): { numbers: bigint[]; end: number } {
  const lengths = readDeltas(bytes, 0, 32, limits.values);
  if (lengths.total > limits.values) throw new NotShown(`has more than ${limits.values} values in a page`);
  return lengths;
}

/** Lengths of all values of the page come before their bytes. */
function readDeltaLengths(bytes: Uint8Array, count: number): Uint8Array[] {
  const { numbers, end } = readLengths(bytes);
  let at = end;
  return numbers.slice(0, count).map((length) => {
    const value = slice(bytes, at, Number(length));
    at += value.length;
    return value;
  });
}

/** Each value shares a beginning with the one before it. */
function readDeltaTexts(bytes: Uint8Array, count: number): RawValue[] {
  const prefixes = readLengths(bytes);
  const ends = readDeltaLengths(bytes.subarray(prefixes.end), count);
  let before = new Uint8Array();
  let total = 0;
  return ends.map((rest, i) => {
    const prefix = before.subarray(0, Number(prefixes.numbers[i] ?? 0n));
    total += prefix.length + rest.length;
    // Few bytes can say much here: every value may repeat the whole one before it.
    if (total > limits.page)
      throw new NotShown(`needs more than the ${limits.page} bytes that a page may have unpacked`);
    before = new Uint8Array(prefix.length + rest.length);
    before.set(prefix);
    before.set(rest, prefix.length);
    return before;
  });
}

function readBooleanRuns(bytes: Uint8Array, count: number): RawValue[] {
  return Array.from(readRuns(bytes.subarray(4), 1, count), (bit) => bit === 1);
}

function readDeltaNumbers(bytes: Uint8Array, count: number, { type }: Physical): RawValue[] {
  const { numbers } = readDeltas(bytes, 0, type === "INT32" ? 32 : 64, count);
  return type === "INT32" ? numbers.map(Number) : numbers;
}

/** Reads the first `count` values of a page by its encoding. */
export function readValues(
  bytes: Uint8Array,
  encoding: number,
  count: number,
  physical: Physical,
  dictionary: Uint8Array | null,
): RawValue[] {
  if (encoding === 0) return pickPlain(bytes, physical, firstPositions(count));
  if (encoding === 2 || encoding === 8) return readDictionary(bytes, count, physical, dictionary);
  if (encoding === 3 && physical.type === "BOOLEAN") return readBooleanRuns(bytes, count);
  if (encoding === 5) return readDeltaNumbers(bytes, count, physical);
  if (encoding === 6) return readDeltaLengths(bytes, count);
  if (encoding === 7) return readDeltaTexts(bytes, count);
  if (encoding === 9) return readSplit(bytes, count, physical);
  throw new NotShown(`has an encoding (${encoding}) that previews do not read`);
}
