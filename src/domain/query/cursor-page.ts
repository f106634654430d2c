import { contentHash } from "../../lib/canonical-json.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import { invalid } from "../core/errors.ts";

/** Values that an item is ordered by. */
export type Keys = (string | number)[];

/** A page asked for, checked: how many, from where on, and which way it is read. */
export interface Page {
  limit: number;
  backward: boolean;
  cursor: Keys | null;
}

const usual = 50;
const most = 500;

function encode(scope: string, keys: Keys): string {
  return Buffer.from(JSON.stringify([scope, ...keys])).toString("base64url");
}

function decode(cursor: string, scope: string, width: number, field: string): Keys {
  const parsed = (() => {
    try {
      return JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown;
    } catch {
      return null;
    }
  })();
  if (!Array.isArray(parsed)) throw invalid(field, "not a cursor of this service: use one from pageInfo or edges");
  const [from, ...keys] = parsed as Keys;
  if (from !== scope) throw invalid(field, "a cursor of another list: filter, order and parent must be as they were");
  const whole = keys.length === width && keys.every((key) => typeof key === "string" || typeof key === "number");
  if (!whole) throw invalid(field, "not a cursor of this service: use one from pageInfo or edges");
  return keys;
}

/** How many items a page is to have: 50 when left out, 0 to 500. */
export function validatePageSize(asked: number | null | undefined, field: string): number {
  const count = asked ?? usual;
  if (count < 0 || count > most) throw invalid(field, `a page has 0 to ${most} items`);
  return count;
}

/** What belongs to a list's cursors: its query, order and parent, hashed. */
export function getCursorScope(...parts: unknown[]): string {
  return contentHash(parts).slice(0, 16);
}

/** Checks which page is asked for; `scope` is that of the list, `width` how many values an item is ordered by. */
export function parsePage({ first, after, last, before }: PageArgs, scope: string, width = 1): Page {
  const backward = isGiven(last) || isGiven(before);
  if (backward && (isGiven(first) || isGiven(after))) {
    throw invalid(isGiven(first) ? "first" : "after", "forward with first and after, or backward with last and before");
  }
  const [count, from, side] = backward ? ([last, before, "before"] as const) : ([first, after, "after"] as const);
  return {
    limit: validatePageSize(count, backward ? "last" : "first"),
    backward,
    cursor: isGiven(from) ? decode(from, scope, width, side) : null,
  };
}

/** The connection of a page's rows: read one more than asked, in the direction of reading. */
export function toConnection<T>(
  rows: { keys: Keys; node: T }[],
  page: Page,
  scope: string,
  count: () => Promise<number>,
): Connection<T> {
  const more = rows.length > page.limit;
  const shown = rows.slice(0, page.limit);
  if (page.backward) shown.reverse();
  const edges = shown.map(({ keys, node }) => ({ cursor: encode(scope, keys), node }));
  const beyondCursor = page.cursor !== null;
  return {
    edges,
    pageInfo: {
      hasNextPage: page.backward ? beyondCursor : more,
      hasPreviousPage: page.backward ? more : beyondCursor,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    count,
  };
}
