import { createHash, type Hash, randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { Readable, Transform, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const chunkBytes = 256 * 1_024;

/** `size` bytes that differ from call to call. */
function createBytes(size: number): Readable {
  const bytes = randomBytes(Math.min(chunkBytes, size));
  function* chunks() {
    for (let left = size; left > 0; left -= bytes.length) yield left < bytes.length ? bytes.subarray(0, left) : bytes;
  }
  return Readable.from(chunks(), { objectMode: false, highWaterMark: chunkBytes });
}

function hashThrough(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

function sendRequest(method: string, url: string, headers: Record<string, string | number>, body?: Readable) {
  const hash = createHash("sha256");
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, { method, agent, headers }, resolve);
    sent.on("error", reject);
    if (body) void pipeline(body, hashThrough(hash), sent).catch(reject);
    else sent.end();
  });
  return { hash, response };
}

/** PUTs `size` bytes to a URL, hashing them; resolves with the text of the response. */
export async function sendBytes(url: string, size: number): Promise<string> {
  const sent = sendRequest("PUT", url, { "content-length": size }, createBytes(size));
  const response = await sent.response;
  const body = await text(response);
  if ((response.statusCode ?? 0) >= 300) throw new Error(`${response.statusCode}: ${body}`);
  sent.hash.digest();
  return body;
}

/** GETs a URL, hashing the bytes; resolves with their number. */
export async function receiveBytes(url: string): Promise<number> {
  const sent = sendRequest("GET", url, {});
  const response = await sent.response;
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${await text(response)}`);
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      sent.hash.update(chunk);
      done();
    },
  });
  await pipeline(response, sink);
  sent.hash.digest();
  return size;
}
