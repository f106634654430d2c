import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { EncodedChunk, RenderedEvent, RenderedEvents } from "../domain/events/event-batch.ts";
import { batchWrites, type ConnectionTimeouts, watchHeartbeat, watchStall } from "./connection-watch.ts";

/** The first byte of a text message in a single frame (RFC 6455, 5.2). */
const textFrame = 0x81;
/** Values of the second byte that announce a length of two or eight bytes after it; smaller values are the length itself. */
const lengthFollows = { in2Bytes: 126, in8Bytes: 127 };

function headerSize(length: number): number {
  return length < lengthFollows.in2Bytes ? 2 : length < 0x1_00_00 ? 4 : 10;
}

/** Writes a frame's header at an offset; returns the offset after it. */
function writeHeader(frames: Buffer, offset: number, length: number): number {
  const size = headerSize(length);
  frames[offset] = textFrame;
  frames[offset + 1] = size === 2 ? length : size === 4 ? lengthFollows.in2Bytes : lengthFollows.in8Bytes;
  if (size === 4) frames.writeUInt16BE(length, offset + 2);
  if (size === 10) frames.writeBigUInt64BE(BigInt(length), offset + 2);
  return offset + size;
}

/** A `next` message is `beforeId`, the operation's id, `beforePayload`, the event, `end`. */
const beforeId = Buffer.from(`{"id":`);
const beforePayload = Buffer.from(`,"type":"next","payload":`);
const end = Buffer.from("}");

/** Events as `next` messages, each in a frame, with room for an id of this many bytes. */
function encodeFrames(events: readonly RenderedEvent[], idSize: number): EncodedChunk {
  const envelopeSize = beforeId.length + idSize + beforePayload.length + end.length;
  const messages = events.map(({ json }) => ({ json, length: envelopeSize + json.length }));
  const bytes = Buffer.allocUnsafe(messages.reduce((sum, { length }) => sum + headerSize(length) + length, 0));
  const idOffsets: number[] = [];
  let offset = 0;
  const append = (part: Buffer): void => {
    bytes.set(part, offset);
    offset += part.length;
  };
  for (const { json, length } of messages) {
    offset = writeHeader(bytes, offset, length);
    append(beforeId);
    idOffsets.push(offset);
    offset += idSize;
    for (const part of [beforePayload, json, end]) append(part);
  }
  return { bytes, idOffsets, freeCopies: [] };
}

/** Bytes that may be in this process unread before a connection's subscriptions are paused. */
const maxBufferedBytes = 65_536;

/** The close code for a reader that is too slow. */
const tooSlowCode = 4429;

/** Sends on a websocket no faster than it is read. What is sent in one tick leaves in one piece. */
export interface Sender {
  /** Sends a message; resolves when more may be sent. */
  send(data: string): Promise<void>;
  /**
   * Sends events as `next` messages of the operation with this id (as JSON), as long as `isOpen` returns true; resolves when more may be sent. They are
   * encoded once for all connections, except for the id.
   */
  sendEvents(events: RenderedEvents, id: Buffer, isOpen: () => boolean): Promise<void>;
  /** Stops watching the connection. */
  end(): void;
}

/** Pauses senders while a connection has too much to read. */
function createBackpressure(client: WebSocket, stream: Duplex, stallTimeoutMs: number) {
  const waiting: (() => void)[] = [];
  let stopWatching: (() => void) | null = null;

  const block = (): void => {
    // What a peer that doesn't read sends is not read either.
    client.pause();
    stopWatching ??= watchStall(stream, stallTimeoutMs, () => {
      client.resume();
      client.close(tooSlowCode, "too slow: resume from the last cursor");
    });
  };
  const releaseAll = (): void => {
    stopWatching?.();
    stopWatching = null;
    for (const resume of waiting.splice(0)) resume();
  };
  return {
    isBlocked: () => stopWatching !== null,
    /** Called after each write that has reached the network. */
    onWritten: (): void => {
      if (client.bufferedAmount > maxBufferedBytes) return;
      if (stopWatching) client.resume();
      releaseAll();
    },
    /** Resolves when more may be written. */
    ready: async (): Promise<void> => {
      if (client.bufferedAmount <= maxBufferedBytes) return;
      block();
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    releaseAll,
  };
}

/** The sender of a websocket; `stream` is what the websocket writes to. A peer that is too slow is closed with 4429, one that is gone is cut off. */
export function createSender(
  client: WebSocket,
  stream: Duplex,
  { stallTimeoutMs, heartbeatIntervalMs }: ConnectionTimeouts,
): Sender {
  const gather = batchWrites(stream);
  const { isBlocked, onWritten, ready, releaseAll } = createBackpressure(client, stream, stallTimeoutMs);
  const stopHeartbeat = watchHeartbeat(client, heartbeatIntervalMs, isBlocked, () => client.terminate());

  const write = async (put: () => void): Promise<void> => {
    if (client.readyState !== client.OPEN) return;
    gather();
    put();
    await ready();
  };
  // Without compression and fragments a websocket writes each message at once: frames may be written between its messages.
  const writeChunk = ({ bytes, idOffsets, freeCopies }: EncodedChunk, id: Buffer): Promise<void> =>
    write(() => {
      // Copies are reused: allocating one for each reader would make collecting garbage a tenth of the work.
      const copy = freeCopies.pop() ?? Buffer.from(bytes);
      for (const offset of idOffsets) copy.set(id, offset);
      stream.write(copy, () => {
        freeCopies.push(copy);
        onWritten();
      });
    });
  return {
    send: (data) => write(() => client.send(data, onWritten)),
    sendEvents: async (events, id, isOpen) => {
      const chunks = events.encode(`websocket ${id.length}`, (some) => encodeFrames(some, id.length));
      for (const chunk of chunks) if (isOpen()) await writeChunk(chunk, id);
    },
    end: () => {
      stopHeartbeat();
      releaseAll();
    },
  };
}
