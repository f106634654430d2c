import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Frames } from "./websocket-frames.ts";

/** How patient the doors of subscriptions are. Milliseconds. */
export interface ConnectionTimeouts {
  /** How long a reader may take less than 1 KiB a second of what is there for it before the connection is closed. */
  stall: number;
  /** How often a connection on which nothing is heard is asked whether it is there; one that doesn't answer until the next time is cut. */
  keepAlive: number;
}

/** What may lie unread in this process before a subscription is paused. */
const most = 65_536;

/** 4429: too slow. */
const tooSlowCode = 4429;
/** Bytes a second that a reader must take, and looks at it within the time after which it is closed. */
const least = { rate: 1_024, looks: 4 };

/** Sends on a websocket no faster than it is read. */
export interface Sender {
  /** Sends a message. Resolves when more may be sent. What is sent in one go leaves in one piece. */
  send(data: string): Promise<void>;
  /** Sends messages that are frames of a websocket already. */
  sendFrames(frames: Frames): Promise<void>;
  /** Ends the watch over the connection. */
  end(): void;
}

/** Gathers what is written in one go into one piece: to be called before each write. */
export function batchWrites(stream: Pick<Duplex, "cork" | "uncork">): () => void {
  let gathered = false;
  return () => {
    if (gathered) return;
    gathered = true;
    stream.cork();
    process.nextTick(() => {
      gathered = false;
      stream.uncork();
    });
  };
}

/** Asks from time to time whether the peer is there, and calls `onDead` when it isn't. */
function watchLife(client: WebSocket, every: number, isStuck: () => boolean, onDead: () => void): () => void {
  let heard = true;
  const hear = () => {
    heard = true;
  };
  client.on("pong", hear).on("message", hear);
  const timer = setInterval(() => {
    // No ping gets through to a peer that doesn't read; `watchStall` bounds how long that may last.
    if (isStuck()) return;
    if (!heard) return onDead();
    heard = false;
    client.ping();
  }, every);
  return () => clearInterval(timer);
}

/** Looks at a reader that has more to take than fits, until the answer is called; `onStall` when it took too little for too long. */
function watchStall(stream: Duplex, patience: number, onStall: () => void): () => void {
  const taken = () => (stream instanceof Socket ? stream.bytesWritten - stream.writableLength : 0);
  let [before, strikes] = [taken(), 0];
  const every = patience / least.looks;
  const timer = setInterval(() => {
    const now = taken();
    strikes = now - before < (least.rate * every) / 1_000 ? strikes + 1 : 0;
    before = now;
    if (strikes < least.looks) return;
    clearInterval(timer);
    onStall();
  }, every);
  return () => clearInterval(timer);
}

/**
 * Watches over what is sent on a websocket: a peer that doesn't read is heard no more until it does, and closed with 4429 when that takes too
 * long; one that is gone is cut. `stream` is what the websocket writes to.
 */
export function createSender(client: WebSocket, stream: Duplex, { stall, keepAlive }: ConnectionTimeouts): Sender {
  const waiting: (() => void)[] = [];
  const gather = batchWrites(stream);
  let release: (() => void) | null = null;

  const free = (): void => {
    if (client.bufferedAmount > most) return;
    if (release) client.resume();
    release?.();
    release = null;
    for (const resume of waiting.splice(0)) resume();
  };
  const hold = (): void => {
    client.pause();
    release ??= watchStall(stream, stall, () => {
      client.resume();
      client.close(tooSlowCode, "too slow: resume from the last cursor");
    });
  };
  const isStuck = () => release !== null;
  const endLife = watchLife(client, keepAlive, isStuck, () => client.terminate());
  const put = async (write: () => void): Promise<void> => {
    if (client.readyState !== client.OPEN) return;
    gather();
    write();
    if (client.bufferedAmount <= most) return;
    hold();
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return {
    send: (data) => put(() => client.send(data, free)),
    // Without compression or fragments a websocket writes each message at once: frames may go between them.
    sendFrames: ({ bytes, sent }) =>
      put(() =>
        stream.write(bytes, () => {
          sent();
          free();
        }),
      ),
    end: () => {
      endLife();
      release?.();
      for (const resume of waiting.splice(0)) resume();
    },
  };
}
