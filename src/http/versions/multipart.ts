import { EventEmitter, once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { DomainError, invalid } from "../../domain/core/errors.ts";

/** A part of a form; its bytes are read as they arrive. */
export interface Part {
  name: string | undefined;
  filename: string | undefined;
  source: Readable;
}

function malformed(message: string): DomainError {
  return invalid("form", message);
}

function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  return malformed(error instanceof Error ? error.message : "the form ends early");
}

function createParser(headers: IncomingHttpHeaders) {
  const { "content-type": type = "" } = headers;
  if (!/^multipart\/form-data\b/i.test(type)) throw invalid("Content-Type", "must be multipart/form-data");
  try {
    return new Busboy({
      headers: { ...headers, "content-type": type },
      preservePath: true,
      // Fields as well as files: every part is read as a stream.
      isPartAFile: () => true,
      limits: { headerPairs: 20, headerSize: 16_384 },
    });
  } catch (error) {
    throw invalid("Content-Type", error instanceof Error ? error.message : "must name a boundary");
  }
}

/** The bytes of a part; errors of the parser become errors of the contract. */
async function* readBytes(source: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source) yield chunk;
  } catch (error) {
    throw toDomainError(error);
  }
}

/**
 * The parts of a form, in their order. The body is read only as far as the parts are: no more than one piece of it is in memory. A body that is not a form,
 * or ends early, fails the part that was being read, and the iteration.
 */
export async function* parseMultipart(headers: IncomingHttpHeaders, body: Readable): AsyncGenerator<Part> {
  const parser = createParser(headers);
  const queue: Part[] = [];
  const unread = new Set<Readable>();
  const signals = new EventEmitter();
  parser.on("file", (name: string | undefined, source: Readable, filename: string | undefined) => {
    queue.push({ name, filename, source: Readable.from(readBytes(source), { objectMode: false }) });
    unread.add(source);
    signals.emit("progress");
    source.on("error", () => undefined);
    source.once("close", () => {
      unread.delete(source);
      signals.emit("read");
    });
  });
  const state: { ended: boolean; failure?: DomainError } = { ended: false };
  const pump = async () => {
    for await (const chunk of body) {
      await new Promise<void>((resolve) => parser.write(chunk, () => resolve()));
      // Wait until all parts but the one still arriving are read: one piece may hold many small parts.
      while (unread.size > 1) await once(signals, "read");
    }
    parser.end();
    await once(parser, "finish");
  };
  const fail = (error: unknown) => {
    state.failure ??= toDomainError(error);
    for (const source of unread) source.destroy(state.failure);
  };
  parser.on("error", fail);
  void pump()
    .catch(fail)
    .finally(() => {
      state.ended = true;
      signals.emit("progress");
    });
  try {
    for (;;) {
      const part = queue.shift();
      if (part) yield part;
      else if (state.failure) throw state.failure;
      else if (state.ended) return;
      else await once(signals, "progress");
    }
  } finally {
    fail(malformed("the rest of the form was not read"));
    body.destroy();
  }
}
