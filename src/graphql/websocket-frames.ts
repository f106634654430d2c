/** The first byte of a text message that is whole in one frame, and what the second one says where the length follows in two or eight bytes. */
const text = 0x81;
const follows = { two: 126, eight: 127 };

const headSize = (length: number): number => (length < follows.two ? 2 : length < 0x1_00_00 ? 4 : 10);

const writeHead = (out: Buffer, at: number, length: number): number => {
  out[at] = text;
  const size = headSize(length);
  out[at + 1] = size === 2 ? length : size === 4 ? follows.two : follows.eight;
  if (size === 4) out.writeUInt16BE(length, at + 2);
  if (size === 10) out.writeBigUInt64BE(BigInt(length), at + 2);
  return at + size;
};

/**
 * Text messages as a server puts them on a websocket (RFC 6455, 5.2), all in one piece: each is the same beginning, a body of its own and the same
 * end. So what many connections are told is encoded once, and goes to each in one write.
 */
export const textFrames = (begin: Buffer, bodies: Buffer[], end: Buffer): Buffer => {
  const lengths = bodies.map((body) => begin.length + body.length + end.length);
  const out = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headSize(length) + length, 0));
  let at = 0;
  for (const [i, body] of bodies.entries()) {
    at = writeHead(out, at, lengths[i] ?? 0);
    for (const part of [begin, body, end]) {
      out.set(part, at);
      at += part.length;
    }
  }
  return out;
};
