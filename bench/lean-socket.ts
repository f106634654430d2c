import { request } from "node:http";
import type { Socket } from "node:net";

/** Operations of frames (RFC 6455, 5.2), each with the bit that says that the message ends with it. */
const opcodes = { text: 0x81, close: 0x88, ping: 0x89, pong: 0x8a };

/** A websocket that does next to nothing: a thousand of them on the same machine must not be what a bench measures. */
export interface LeanSocket {
  send(message: string): void;
  close(): Promise<void>;
}

function encodeFrame(operation: number, body: Buffer): Buffer {
  const length = body.length < 126 ? [body.length] : [126, body.length >> 8, body.length & 255];
  // A mask of zeros changes nothing.
  const head = [operation, 128 | (length[0] ?? 0), ...length.slice(1), 0, 0, 0, 0];
  return Buffer.concat([Buffer.from(head), body]);
}

/** Where the body of the frame at a place begins and ends; null while its head isn't there. */
function findPayload(bytes: Buffer, at: number): [number, number] | null {
  const short = bytes[at + 1] ?? 0;
  const start = at + (short === 126 ? 4 : short === 127 ? 10 : 2);
  if (start > bytes.length) return null;
  const length = short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? bytes.readUIntBE(at + 4, 6) : short;
  return [start, start + length];
}

/** Hands over each frame that is whole; gives what is left. */
function takeFrames(bytes: Buffer, take: (operation: number, start: number, end: number) => void): Buffer {
  let at = 0;
  for (let found = findPayload(bytes, at); found && found[1] <= bytes.length; found = findPayload(bytes, at)) {
    take(bytes[at] ?? 0, ...found);
    at = found[1];
  }
  return bytes.subarray(at);
}

/** Opens one; `onMessage` is given where each message begins. `onEnd` hears how it ended, unless it was closed from here. */
export function openLeanSocket(
  url: string,
  onMessage: (bytes: Buffer, start: number) => void,
  onEnd: (how: string) => void,
): Promise<LeanSocket> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      headers: {
        ...{ connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
        ...{ "sec-websocket-key": "AQIDBAUGBwgJCgsMDQ4PEA==", "sec-websocket-protocol": "graphql-transport-ws" },
      },
    });
    sent.on("error", reject).on("response", ({ statusCode }) => reject(new Error(`refused with ${statusCode}`)));
    sent.on("upgrade", (_response, socket: Socket, head: Buffer) => {
      let [rest, over]: [Buffer, boolean] = [head, false];
      const take = (operation: number, start: number, end: number): void => {
        if (operation === opcodes.text) onMessage(rest, start);
        if (operation === opcodes.ping) socket.write(encodeFrame(opcodes.pong, rest.subarray(start, end)));
        if (operation === opcodes.close && !over) onEnd(`closed with ${rest.readUInt16BE(start)}`);
      };
      socket.on("error", (error) => onEnd(error.message));
      socket.on("data", (chunk) => {
        rest = rest.length ? Buffer.concat([rest, chunk]) : chunk;
        rest = takeFrames(rest, take);
      });
      const close = (): Promise<void> => {
        over = true;
        const closed = new Promise<void>((done) => void socket.once("close", () => done()));
        socket.write(encodeFrame(opcodes.close, Buffer.from([3, 232])));
        return closed;
      };
      resolve({ send: (message) => void socket.write(encodeFrame(opcodes.text, Buffer.from(message))), close });
    });
    sent.end();
  });
}
