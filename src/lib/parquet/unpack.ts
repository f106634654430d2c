import { brotliDecompressSync, inflateRawSync, unzipSync } from "node:zlib";
import { compressors, decompressZstd } from "hyparquet-compressors";
import { NotShown } from "./budget.ts";

type Unpack = (bytes: Uint8Array, size: number) => Uint8Array;

function unzip(bytes: Uint8Array, size: number): Uint8Array {
  // Some writers leave the frame of gzip out.
  const framed = bytes[0] === 0x1f || bytes[0] === 0x78;
  return (framed ? unzipSync : inflateRawSync)(bytes, { maxOutputLength: size });
}

/** The ways of packing a page, by their number. None takes more memory than the size that the page says it has. */
const ways: Record<number, [name: string, unpack: Unpack | undefined]> = {
  0: ["none", (bytes) => bytes],
  1: ["snappy", compressors.SNAPPY],
  2: ["gzip", unzip],
  3: ["LZO", undefined],
  4: ["brotli", (bytes, size) => brotliDecompressSync(bytes, { maxOutputLength: size })],
  5: ["LZ4", compressors.LZ4],
  // Into memory of the size given: by itself it would take as much as the frame asks for.
  6: ["zstd", (bytes, size) => decompressZstd(bytes, new Uint8Array(size))],
  7: ["LZ4", compressors.LZ4_RAW],
};

/** Unpacks a page, whose size has been checked. */
export function unpackPage(bytes: Uint8Array, codec: number, size: number): Uint8Array {
  const [name, unpack] = ways[codec] ?? [`codec ${codec}`, undefined];
  if (!unpack) throw new NotShown(`is packed with ${name}, which previews do not read`);
  if (size === 0) return new Uint8Array();
  let unpacked: Uint8Array;
  try {
    unpacked = unpack(bytes, size);
  } catch {
    throw new NotShown(`is broken: a page can't be unpacked (${name})`);
  }
  if (unpacked.length !== size) throw new NotShown("is broken: a page unpacks to another size than it says");
  return unpacked;
}
