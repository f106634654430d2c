import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { DomainError, invalid, Overloaded } from "../domain/core/errors.ts";
import { isRecord } from "../lib/is-record.ts";
import { createValueCounter } from "../lib/json-values.ts";
import { createSlots, holdSlot, type TakeSlot } from "../lib/slots.ts";
import { tagLongIntegers } from "../lib/whole-numbers.ts";

const MiB = 2 ** 20;

/**
 * Maxima of a JSON body: its bytes where a run is published, with all its metadata in one document, and elsewhere; its values; and how many that are
 * larger than `largeBytes` are received and answered at the same time, of all actors and of each.
 */
const limits = {
  publishBytes: 64 * MiB,
  bytes: 16 * MiB,
  values: 500_000,
  largeBytes: MiB,
  large: { max: 4, maxPerKey: 2 },
};

function tooLarge(limit: number): DomainError<"TOO_LARGE"> {
  const what = limit === limits.bytes ? "the body of a request that does not publish a run" : "the body of a request";
  return new DomainError("TOO_LARGE", `${what} can have at most ${limit} bytes`, { limit });
}

function assertValueCount(actual: number): void {
  const limit = limits.values;
  if (actual <= limit) return;
  const message = `the body has more than ${limit} values; split it into several requests`;
  throw new DomainError("TOO_COMPLEX", message, { limit, actual });
}

/** Creates a check of a body that arrives in chunks: throws as soon as it is too large, has too many values, or is one of too many large ones. */
function createBodyCheck({ context: { actor, signal } }: FastifyRequest, takeSlot: TakeSlot) {
  const countValues = createValueCounter();
  let [size, hasSlot] = [0, false];
  return (chunk: Buffer): void => {
    size += chunk.length;
    if (size > limits.publishBytes) throw tooLarge(limits.publishBytes);
    assertValueCount(countValues(chunk));
    if (size <= limits.largeBytes || hasSlot) return;
    hasSlot = holdSlot(takeSlot, actor.name, signal);
    if (!hasSlot) throw new Overloaded("too many large requests are in progress");
  };
}

/** Reads a body as far as it passes the check. What is refused is left unread: its connection lives on to carry the answer. */
function readChecked(body: Readable, check: (chunk: Buffer) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer) => {
      try {
        check(chunk);
        chunks.push(chunk);
      } catch (error) {
        body.off("data", onData);
        reject(error);
      }
    };
    body.on("data", onData);
    body.once("end", () => resolve(Buffer.concat(chunks)));
    body.once("error", () => reject(invalid("request", "the connection was closed before all of the body arrived")));
  });
}

/** Throws `TOO_LARGE` for a body that only the publication of a run may have. */
function assertSizeFits(size: number, body: unknown): void {
  const publishes = isRecord(body) && typeof body.query === "string" && /\bpublishRun\b/.test(body.query);
  if (size > limits.bytes && !publishes) throw tooLarge(limits.bytes);
}

/** Reads the JSON bodies of these routes within their limits, with long whole numbers tagged, which would be rounded; an actor is required. */
export function limitJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  const takeSlot = createSlots(limits.large);
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", async (request: FastifyRequest, payload: Readable) => {
    if (Number(request.headers["content-length"]) > limits.publishBytes) throw tooLarge(limits.publishBytes);
    const bytes = await readChecked(payload, createBodyCheck(request, takeSlot));
    const body = await new Promise<unknown>((resolve, reject) => {
      void parse(request, tagLongIntegers(bytes.toString()), (error, value) =>
        error ? reject(error) : resolve(value),
      );
    });
    assertSizeFits(bytes.length, body);
    return body;
  });
}
