import { memoizeWeak } from "../lib/memoize.ts";
import { chunkBySize, type RenderedEvent } from "./render-event.ts";

/** The first byte of a text message that is whole in one frame, and what the second one says where the length follows in two or eight bytes. */
const text = 0x81;
const follows = { two: 126, eight: 127 };

function headSize(length: number): number {
  return length < follows.two ? 2 : length < 0x1_00_00 ? 4 : 10;
}

function writeHead(out: Buffer, at: number, length: number): number {
  out[at] = text;
  const size = headSize(length);
  out[at + 1] = size === 2 ? length : size === 4 ? follows.two : follows.eight;
  if (size === 4) out.writeUInt16BE(length, at + 2);
  if (size === 10) out.writeBigUInt64BE(BigInt(length), at + 2);
  return at + size;
}

/** A `next` message: between the first two stands the operation's id, between the last two what is told. */
const parts = [`{"id":`, `,"type":"next","payload":`, "}"].map((part) => Buffer.from(part)) as [Buffer, Buffer, Buffer];

/** Messages as frames, but for the id, for which there is room at these places; `spare` are copies that were sent and may be used again. */
interface Draft {
  bytes: Buffer;
  places: number[];
  spare: Buffer[];
}

/** Messages to be written; `sent` is to be called when that is done, for their memory is used again. */
export interface Frames {
  bytes: Buffer;
  sent(): void;
}

function draft(told: readonly RenderedEvent[], idSize: number): Draft {
  const [begin, middle, end] = parts;
  const around = begin.length + idSize + middle.length + end.length;
  const lengths = told.map(({ json }) => around + json.length);
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headSize(length) + length, 0));
  const places: number[] = [];
  let at = 0;
  const put = (part: Buffer): void => {
    bytes.set(part, at);
    at += part.length;
  };
  for (const [i, { json }] of told.entries()) {
    at = writeHead(bytes, at, lengths[i] ?? 0);
    put(begin);
    places.push(at);
    at += idSize;
    for (const part of [middle, json, end]) put(part);
  }
  return { bytes, places, spare: [] };
}

/** What is told, drafted for ids of each size that came up. */
const draftsBySize = memoizeWeak((_told: readonly RenderedEvent[]) => new Map<number, Draft[]>());

function draftsOf(told: readonly RenderedEvent[], idSize: number): Draft[] {
  const bySize = draftsBySize(told);
  const drafts = bySize.get(idSize) ?? chunkBySize(told).map((some) => draft(some, idSize));
  bySize.set(idSize, drafts);
  return drafts;
}

/** A draft with the id in its places. Memory for each reader would be so much that collecting it takes a tenth of the time: it is used again. */
function addressed({ bytes, places, spare }: Draft, id: Buffer): Frames {
  const copy = spare.pop() ?? Buffer.from(bytes);
  for (const place of places) copy.set(id, place);
  return { bytes: copy, sent: () => void spare.push(copy) };
}

/**
 * The `next` messages of an operation as a server puts them on a websocket (RFC 6455, 5.2), in pieces to be written at once. `id` is the operation's,
 * as JSON. What many connections are told is put together once; only the id differs.
 */
export const nextFrames = function* (told: readonly RenderedEvent[], id: Buffer): Generator<Frames, void> {
  for (const piece of draftsOf(told, id.length)) yield addressed(piece, id);
};
