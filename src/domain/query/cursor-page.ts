import * as v from "valibot";
import { contentHash } from "../../lib/canonical-json.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import { invalid } from "../core/errors.ts";

/** The values that an item is ordered by. */
export type Keys = (string | number)[];

/** A validated page request: how many items, after which keys, and whether the list is read backward. */
export interface Page {
  limit: number;
  backward: boolean;
  cursor: Keys | null;
}

const defaultPageSize = 50;
const maxPageSize = 500;

/** What a cursor holds: the scope of its list, then the keys of its item. */
const cursorContent = v.tupleWithRest([v.string()], v.union([v.string(), v.number()]));

/** A key as JSON; an infinity is a number that JSON reads as one. */
function printKey(key: string | number): string {
  return typeof key === "string" || Number.isFinite(key) ? JSON.stringify(key) : `${key < 0 ? "-" : ""}1e999`;
}

function encode(scope: string, keys: Keys): string {
  return Buffer.from(`[${[scope, ...keys].map(printKey).join(",")}]`).toString("base64url");
}

function parseBase64Json(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return null;
  }
}

function decode(cursor: string, scope: string, width: number, field: string): Keys {
  const content = v.safeParse(cursorContent, parseBase64Json(cursor));
  if (!content.success) throw invalid(field, "not a cursor of this service; use one from `pageInfo` or `edges`");
  const [from, ...keys] = content.output;
  if (from !== scope)
    throw invalid(field, "this cursor belongs to another list; keep the filter, the order and the parent of the list");
  if (keys.length !== width) throw invalid(field, "not a cursor of this service; use one from `pageInfo` or `edges`");
  return keys;
}

/** Validates a page size of 0 to 500 (`INVALID_INPUT` otherwise); 50 if omitted. */
export function validatePageSize(requested: number | null | undefined, field: string): number {
  const size = requested ?? defaultPageSize;
  if (size < 0 || size > maxPageSize) throw invalid(field, `a page has 0 to ${maxPageSize} items, not ${size}`);
  return size;
}

/** Identifies the list that a cursor belongs to: a hash of its query, order and parent. */
export function getCursorScope(...parts: unknown[]): string {
  return contentHash(parts).slice(0, 16);
}

/** Validates the arguments of a page of the list with this scope, whose items are ordered by `width` keys; `INVALID_INPUT` otherwise. */
export function parsePage({ first, after, last, before }: PageArgs, scope: string, width = 1): Page {
  const backward = isGiven(last) || isGiven(before);
  if (backward && (isGiven(first) || isGiven(after))) {
    const field = isGiven(first) ? "first" : "after";
    throw invalid(field, "use either `first` and `after`, or `last` and `before`");
  }
  const [size, cursor, field] = backward ? ([last, before, "before"] as const) : ([first, after, "after"] as const);
  return {
    limit: validatePageSize(size, backward ? "last" : "first"),
    backward,
    cursor: isGiven(cursor) ? decode(cursor, scope, width, field) : null,
  };
}

/** Makes a connection of a page's rows, in the direction of reading and one more than the page has if there are more. */
export function toConnection<T>(
  rows: { keys: Keys; node: T }[],
  page: Page,
  scope: string,
  count: () => Promise<number>,
): Connection<T> {
  const hasMore = rows.length > page.limit;
  const shown = rows.slice(0, page.limit);
  if (page.backward) shown.reverse();
  const edges = shown.map(({ keys, node }) => ({ cursor: encode(scope, keys), node }));
  const isAfterCursor = page.cursor !== null;
  return {
    edges,
    pageInfo: {
      hasNextPage: page.backward ? isAfterCursor : hasMore,
      hasPreviousPage: page.backward ? hasMore : isAfterCursor,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    count,
  };
}
