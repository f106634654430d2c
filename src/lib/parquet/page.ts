import { type Budget, limits, NotShown } from "./budget.ts";
import { type Physical, type RawValue, readValues } from "./page-values.ts";
import { bitsFor, readRuns } from "./run-lengths.ts";
import { ThriftReader } from "./thrift.ts";
import { unpackPage } from "./unpack.ts";

/** What stands before the bytes of a page. */
export interface PageHeader {
  kind: "data" | "data2" | "dictionary" | "other";
  packed: number;
  unpacked: number;
  /** Values, nulls among them. */
  count: number;
  encoding: number;
  /** Encoding of levels that only old writers use. */
  oldLevels: boolean;
  /** Bytes of the levels before the values in pages of the second form, which are never packed. */
  definitionBytes: number;
  repetitionBytes: number;
  isPacked: boolean;
  /** Bytes of the header itself. */
  size: number;
}

const kinds: Record<number, PageHeader["kind"]> = { 0: "data", 2: "dictionary", 3: "data2" };
const bitPacked = 4;

/** Reads a page's header; null if it goes on behind the bytes given. */
export function readPageHeader(bytes: Uint8Array): PageHeader | null {
  const header: PageHeader = {
    ...{ kind: "other", packed: 0, unpacked: 0, count: 0, encoding: 0, oldLevels: false },
    ...{ definitionBytes: 0, repetitionBytes: 0, isPacked: true, size: 0 },
  };
  const thrift = new ThriftReader(bytes);
  try {
    thrift.fields({
      1: () => {
        header.kind = kinds[thrift.integer()] ?? "other";
      },
      2: () => {
        header.unpacked = thrift.integer();
      },
      3: () => {
        header.packed = thrift.integer();
      },
      5: () => readDataHeader(thrift, header),
      7: () =>
        thrift.fields({
          1: () => {
            header.count = thrift.integer();
          },
        }),
      8: () => readSecondHeader(thrift, header),
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw new NotShown("is broken: a page has no header");
  }
  return { ...header, size: thrift.offset };
}

function readDataHeader(thrift: ThriftReader, header: PageHeader): void {
  const readLevelEncoding = () => {
    if (thrift.integer() === bitPacked) header.oldLevels = true;
  };
  thrift.fields({
    1: () => {
      header.count = thrift.integer();
    },
    2: () => {
      header.encoding = thrift.integer();
    },
    3: readLevelEncoding,
    4: readLevelEncoding,
  });
}

function readSecondHeader(thrift: ThriftReader, header: PageHeader): void {
  thrift.fields({
    1: () => {
      header.count = thrift.integer();
    },
    4: () => {
      header.encoding = thrift.integer();
    },
    5: () => {
      header.definitionBytes = thrift.integer();
    },
    6: () => {
      header.repetitionBytes = thrift.integer();
    },
    7: (flag) => {
      header.isPacked = flag;
    },
  });
}

/** Refuses a page that is too large, before any of it is read. */
export function checkPage({ packed, unpacked, count, definitionBytes, repetitionBytes }: PageHeader): void {
  if (packed < 0 || unpacked < 0 || count < 0 || definitionBytes < 0 || repetitionBytes < 0)
    throw new NotShown("is broken: a page has a negative size");
  const size = Math.max(packed, unpacked);
  if (size > limits.page)
    throw new NotShown(`has a page of ${size} bytes; previews read pages of up to ${limits.page}`);
}

/** A column as its pages need it. */
export interface LeafType extends Physical {
  maxDefinition: number;
  maxRepetition: number;
}

export interface PageData {
  repetitions: Uint32Array;
  definitions: Uint32Array;
  values: RawValue[];
}

/** Levels before the values, at the beginning of `bytes`: the numbers, and how many bytes they took. */
function readLevels(bytes: Uint8Array, max: number, count: number, size: number | null) {
  if (!max) return { levels: new Uint32Array(count), size: size ?? 0 };
  const framed = size === null;
  const length = framed ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true) : size;
  const start = framed ? 4 : 0;
  return { levels: readRuns(bytes.subarray(start, start + length), bitsFor(max), count), size: start + length };
}

/** Reads the first `count` entries of a page: their levels, and the values of those that are not null. */
export function readPage(
  bytes: Uint8Array,
  header: PageHeader,
  codec: number,
  leaf: LeafType,
  count: number,
  dictionary: Uint8Array | null,
  budget: Budget,
): PageData {
  if (header.oldLevels && (leaf.maxDefinition || leaf.maxRepetition))
    throw new NotShown("has levels in an encoding that previews do not read");
  budget.addUnpacked(header.unpacked);
  const second = header.kind === "data2";
  const levelBytes = second ? header.definitionBytes + header.repetitionBytes : 0;
  const packed = bytes.subarray(levelBytes);
  const body = header.isPacked ? unpackPage(packed, codec, header.unpacked - levelBytes) : packed;
  const start = second ? bytes : body;
  const repetition = readLevels(start, leaf.maxRepetition, count, second ? header.repetitionBytes : null);
  const rest = start.subarray(repetition.size);
  const definition = readLevels(rest, leaf.maxDefinition, count, second ? header.definitionBytes : null);
  const encoded = second ? body : rest.subarray(definition.size);
  const present = definition.levels.reduce((sum, level) => sum + (level === leaf.maxDefinition ? 1 : 0), 0);
  const values = readValues(encoded, header.encoding, present, leaf, dictionary);
  if (values.length < present) throw new NotShown("is broken: a page has fewer values than it says");
  return { repetitions: repetition.levels, definitions: definition.levels, values };
}
