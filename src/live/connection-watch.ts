import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";

/** How long connections of subscribers may be slow or silent, in milliseconds. */
export interface ConnectionTimeouts {
  /** A reader that takes less than 1 KiB per second of what is waiting for it is disconnected after this time. */
  stallTimeoutMs: number;
  /** A ping (or, in a stream, a comment) is sent this often; a websocket that has not answered by the next one is cut off. */
  heartbeatIntervalMs: number;
}

/** Bytes per second that a slow reader must take. */
const minBytesPerSecond = 1_024;
/** How often a slow reader's progress is checked before it is disconnected. */
const pollsPerTimeout = 4;

/** Returns a function to call before each write: what is written in the same tick leaves in one piece. */
export function batchWrites(stream: Pick<Duplex, "cork" | "uncork">): () => void {
  let isCorked = false;
  return () => {
    if (isCorked) return;
    isCorked = true;
    stream.cork();
    process.nextTick(() => {
      isCorked = false;
      stream.uncork();
    });
  };
}

/**
 * Pings a peer every `intervalMs` and calls `onDead` when nothing was received from it since the last ping. No ping is sent while `isBlocked`, because
 * none gets through to a peer that doesn't read; `watchStall` bounds how long that may last. Returns how to stop.
 */
export function watchHeartbeat(
  client: WebSocket,
  intervalMs: number,
  isBlocked: () => boolean,
  onDead: () => void,
): () => void {
  let isAlive = true;
  const markAlive = () => {
    isAlive = true;
  };
  client.on("pong", markAlive).on("message", markAlive);
  const timer = setInterval(() => {
    if (isBlocked()) return;
    if (!isAlive) return onDead();
    isAlive = false;
    client.ping();
  }, intervalMs);
  return () => clearInterval(timer);
}

/** Watches a reader that has more to read than fits into the buffers; calls `onStall` when it was too slow for `timeoutMs`. Returns how to stop. */
export function watchStall(stream: Duplex, timeoutMs: number, onStall: () => void): () => void {
  const countTaken = () => (stream instanceof Socket ? stream.bytesWritten - stream.writableLength : 0);
  let [taken, slowPolls] = [countTaken(), 0];
  const intervalMs = timeoutMs / pollsPerTimeout;
  const timer = setInterval(() => {
    const now = countTaken();
    slowPolls = now - taken < (minBytesPerSecond * intervalMs) / 1_000 ? slowPolls + 1 : 0;
    taken = now;
    if (slowPolls < pollsPerTimeout) return;
    clearInterval(timer);
    onStall();
  }, intervalMs);
  return () => clearInterval(timer);
}
