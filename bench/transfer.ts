import { createHash, type Hash, randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { Readable, Transform, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const piece = 256 * 1_024;

/** `size` bytes that no other call gives. */
function fresh(size: number): Readable {
  const bytes = randomBytes(Math.min(piece, size));
  function* pieces() {
    for (let left = size; left > 0; left -= bytes.length) yield left < bytes.length ? bytes.subarray(0, left) : bytes;
  }
  return Readable.from(pieces(), { objectMode: false, highWaterMark: piece });
}

function hashing(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

function ask(method: string, url: string, headers: Record<string, string | number>, body?: Readable) {
  const hash = createHash("sha256");
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, { method, agent, headers }, resolve);
    sent.on("error", reject);
    if (body) void pipeline(body, hashing(hash), sent).catch(reject);
    else sent.end();
  });
  return { hash, answered };
}

/** Sends bytes while hashing them, whoever takes them; gives the answer. */
export async function up(url: string, size: number): Promise<string> {
  const { answered, hash } = ask("PUT", url, { "content-length": size }, fresh(size));
  const answer = await answered;
  const body = await text(answer);
  if ((answer.statusCode ?? 0) >= 300) throw new Error(`${answer.statusCode}: ${body}`);
  hash.digest();
  return body;
}

/** Reads bytes while hashing them, whoever gives them; gives how many. */
export async function down(url: string): Promise<number> {
  const { answered, hash } = ask("GET", url, {});
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
