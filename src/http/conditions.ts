import type { IncomingHttpHeaders } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../domain/core/errors.ts";
import { isGiven } from "../lib/is-given.ts";
import { renderProblemJson } from "./problem.ts";

/** What the conditions of a request are compared with. */
export interface Validators {
  /** A strong entity tag, in its quotes. */
  etag: string;
  /** When the resource last changed, in milliseconds since 1970; null when that is not known: then conditions about times are ignored. */
  modifiedAt: number | null;
}

const entityTag = /(?:W\/)?"[^"]*"/g;

/** Whether a list of entity tags names this one: by the strong comparison, which a weak tag never passes, or the weak one. */
function includesTag(list: string, etag: string, isStrong: boolean): boolean {
  if (list.trim() === "*") return true;
  const tags = list.match(entityTag) ?? [];
  return tags.some((tag) => (isStrong ? tag : tag.replace(/^W\//, "")) === etag);
}

/** A time in seconds since 1970, as HTTP dates have it; null for what is no date, which is ignored. */
function parseDate(text: string | undefined): number | null {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : Math.floor(time / 1_000);
}

/** Whether the resource was not modified after a time that a condition gives; null when that can't be decided. */
function isUnmodifiedSince(date: string | undefined, { modifiedAt }: Validators): boolean | null {
  const since = parseDate(date);
  return since === null || modifiedAt === null ? null : Math.floor(modifiedAt / 1_000) <= since;
}

/** The status that the conditions of a GET or HEAD lead to instead of a success, in the order of RFC 9110, section 13.2.2; null for none. */
function evaluateConditions(headers: IncomingHttpHeaders, validators: Validators): 304 | 412 | null {
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  if (match !== undefined) {
    if (!includesTag(match, validators.etag, true)) return 412;
  } else if (isUnmodifiedSince(headers["if-unmodified-since"], validators) === false) return 412;
  if (noneMatch !== undefined) return includesTag(noneMatch, validators.etag, false) ? 304 : null;
  return isUnmodifiedSince(headers["if-modified-since"], validators) ? 304 : null;
}

/** Whether `If-Range` allows a part: without it, or when it is this entity tag. A time is too coarse to tell which bytes are meant. */
export function allowsRange({ "if-range": condition }: IncomingHttpHeaders, etag: string): boolean {
  return condition === undefined || String(condition).trim() === etag;
}

/** The headers by which a later request can be made conditional. */
export function toValidatorHeaders({ etag, modifiedAt }: Validators): Record<string, string> {
  return { etag, ...(isGiven(modifiedAt) && { "last-modified": new Date(modifiedAt).toUTCString() }) };
}

/** Answers 304 or 412, with these headers, when the conditions of a request demand it; false when the request is to be answered as usual. */
export function answerByConditions(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  validators: Validators,
  responseHeaders: Record<string, string>,
): boolean {
  const status = evaluateConditions(headers, validators);
  if (status === null) return false;
  reply.headers(responseHeaders).code(status);
  if (status === 304) {
    reply.send();
    return true;
  }
  const expected = headers["if-match"] ?? headers["if-unmodified-since"] ?? "";
  const message = `the condition of the request does not hold: it names ${expected}, and the current state is ${validators.etag}; start again without the condition`;
  const { code, details } = new DomainError("CONFLICT", message, { expected, actual: validators.etag });
  const { contentType, body } = renderProblemJson({ status, code, message, details: { ...details } });
  reply.type(contentType).send(body);
  return true;
}
