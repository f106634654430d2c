import { EventEmitter, once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { DomainError, invalid } from "../domain/core/errors.ts";

/** A part of a form: its bytes come as they are read. */
export interface Part {
  name: string | undefined;
  filename: string | undefined;
  source: Readable;
}

function malformed(message: string): DomainError {
  return invalid("form", message);
}

function toDomainError(error: unknown): DomainError {
  return error instanceof DomainError ? error : malformed(error instanceof Error ? error.message : "it ends early");
}

function open(headers: IncomingHttpHeaders) {
  const { "content-type": type = "" } = headers;
  if (!/^multipart\/form-data\b/i.test(type)) throw invalid("Content-Type", "multipart/form-data is wanted");
  try {
    return new Busboy({
      headers: { ...headers, "content-type": type },
      preservePath: true,
      // Fields too: whatever has a name and bytes is a part.
      isPartAFile: () => true,
      limits: { headerPairs: 20, headerSize: 16_384 },
    });
  } catch (error) {
    throw invalid("Content-Type", error instanceof Error ? error.message : "a boundary is wanted");
  }
}

/** The bytes of a part, with what is wrong with them as a refusal. */
async function* readBytes(source: Readable): AsyncGenerator<Buffer> {
  try {
    yield* source as AsyncIterable<Buffer>;
  } catch (error) {
    throw toDomainError(error);
  }
}

/**
 * The parts of a form in their order. The body is read no further than they are: what lies in one piece of it is held, and no more. A body that
 * is no form, or ends early, fails the part that it is in, and the whole.
 */
export async function* parseMultipart(headers: IncomingHttpHeaders, body: Readable): AsyncGenerator<Part> {
  const form = open(headers);
  const queue: Part[] = [];
  const unread = new Set<Readable>();
  const told = new EventEmitter();
  form.on("file", (name: string | undefined, source: Readable, filename: string | undefined) => {
    queue.push({ name, filename, source: Readable.from(readBytes(source), { objectMode: false }) });
    unread.add(source);
    told.emit("progress");
    source.on("error", () => undefined);
    source.once("close", () => {
      unread.delete(source);
      told.emit("read");
    });
  });
  const state: { ended: boolean; failure?: DomainError } = { ended: false };
  const pump = async () => {
    for await (const chunk of body) {
      await new Promise<void>((resolve) => form.write(chunk, () => resolve()));
      // All but the one that is coming: small parts stand many in a piece.
      while (unread.size > 1) await once(told, "read");
    }
    form.end();
    await once(form, "finish");
  };
  const fail = (error: unknown) => {
    state.failure ??= toDomainError(error);
    for (const source of unread) source.destroy(state.failure);
  };
  form.on("error", fail);
  void pump()
    .catch(fail)
    .finally(() => {
      state.ended = true;
      told.emit("progress");
    });
  try {
    for (;;) {
      const part = queue.shift();
      if (part) yield part;
      else if (state.failure) throw state.failure;
      else if (state.ended) return;
      else await once(told, "progress");
    }
  } finally {
    fail(malformed("nobody reads the rest"));
    body.destroy();
  }
}
