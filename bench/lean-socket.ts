import { request } from "node:http";
import type { Socket } from "node:net";

/** Opcodes of frames (RFC 6455, 5.2), each with the FIN bit. */
const opcodes = { text: 0x81, close: 0x88, ping: 0x89, pong: 0x8a };

/** A websocket client with little overhead, so that a thousand of them on one machine do not dominate a benchmark. */
export interface LeanSocket {
  send(message: string): void;
  close(): Promise<void>;
}

function encodeFrame(opcode: number, body: Buffer): Buffer {
  const length = body.length < 126 ? [body.length] : [126, body.length >> 8, body.length & 255];
  // A mask of zeros leaves the payload as it is.
  const head = [opcode, 128 | (length[0] ?? 0), ...length.slice(1), 0, 0, 0, 0];
  return Buffer.concat([Buffer.from(head), body]);
}

/** Start and end of the payload of the frame at an offset; null while its header is incomplete. */
function findPayload(bytes: Buffer, offset: number): [number, number] | null {
  const short = bytes[offset + 1] ?? 0;
  const start = offset + (short === 126 ? 4 : short === 127 ? 10 : 2);
  if (start > bytes.length) return null;
  const length =
    short === 126 ? bytes.readUInt16BE(offset + 2) : short === 127 ? bytes.readUIntBE(offset + 4, 6) : short;
  return [start, start + length];
}

/** Calls `take` for each complete frame; returns the rest of the bytes. */
function takeFrames(bytes: Buffer, take: (opcode: number, start: number, end: number) => void): Buffer {
  let offset = 0;
  for (let found = findPayload(bytes, offset); found && found[1] <= bytes.length; found = findPayload(bytes, offset)) {
    take(bytes[offset] ?? 0, ...found);
    offset = found[1];
  }
  return bytes.subarray(offset);
}

/** Opens a socket. `onMessage` gets the start of each message in `bytes`; `onEnd` gets the reason when the socket ends without a call of `close`. */
export function openLeanSocket(
  url: string,
  onMessage: (bytes: Buffer, start: number) => void,
  onEnd: (reason: string) => void,
): Promise<LeanSocket> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AQIDBAUGBwgJCgsMDQ4PEA==",
        "sec-websocket-protocol": "graphql-transport-ws",
      },
    });
    sent
      .on("error", reject)
      .on("response", ({ statusCode }) => reject(new Error(`the upgrade was refused with status ${statusCode}`)));
    sent.on("upgrade", (_response, socket: Socket, head: Buffer) => {
      let [rest, closing]: [Buffer, boolean] = [head, false];
      const take = (opcode: number, start: number, end: number): void => {
        if (opcode === opcodes.text) onMessage(rest, start);
        if (opcode === opcodes.ping) socket.write(encodeFrame(opcodes.pong, rest.subarray(start, end)));
        if (opcode === opcodes.close && !closing) onEnd(`closed with ${rest.readUInt16BE(start)}`);
      };
      socket.on("error", (error) => onEnd(error.message));
      socket.on("data", (chunk) => {
        rest = rest.length ? Buffer.concat([rest, chunk]) : chunk;
        rest = takeFrames(rest, take);
      });
      const close = (): Promise<void> => {
        closing = true;
        const closed = new Promise<void>((done) => void socket.once("close", () => done()));
        socket.write(encodeFrame(opcodes.close, Buffer.from([3, 232])));
        return closed;
      };
      resolve({ send: (message) => void socket.write(encodeFrame(opcodes.text, Buffer.from(message))), close });
    });
    sent.end();
  });
}
