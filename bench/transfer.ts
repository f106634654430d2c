import { createHash, type Hash, randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { Readable, Transform, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const chunkBytes = 256 * 1_024;

/** `size` bytes that no other call gives. */
function createBytes(size: number): Readable {
  const bytes = randomBytes(Math.min(chunkBytes, size));
  function* pieces() {
    for (let left = size; left > 0; left -= bytes.length) yield left < bytes.length ? bytes.subarray(0, left) : bytes;
  }
  return Readable.from(pieces(), { objectMode: false, highWaterMark: chunkBytes });
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
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, { method, agent, headers }, resolve);
    sent.on("error", reject);
    if (body) void pipeline(body, hashThrough(hash), sent).catch(reject);
    else sent.end();
  });
  return { hash, answered };
}

/** Sends bytes while hashing them, whoever takes them; gives the answer. */
export async function sendBytes(url: string, size: number): Promise<string> {
  const { answered, hash } = sendRequest("PUT", url, { "content-length": size }, createBytes(size));
  const answer = await answered;
  const body = await text(answer);
  if ((answer.statusCode ?? 0) >= 300) throw new Error(`${answer.statusCode}: ${body}`);
  hash.digest();
  return body;
}

/** Reads bytes while hashing them, whoever gives them; gives how many. */
export async function receiveBytes(url: string): Promise<number> {
  const { answered, hash } = sendRequest("GET", url, {});
  const answer = await answered;
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${await text(answer)}`);
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      hash.update(chunk);
      done();
    },
  });
  await pipeline(answer, sink);
  hash.digest();
  return size;
}
