import { GraphQLError, GraphQLScalarType, Kind } from "graphql";
import { GraphQLJSON } from "graphql-scalars";

/** Any JSON value. */
export const Json = GraphQLJSON;

function text(name: string, description: string) {
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: (value) => String(value),
    parseValue: (value) => {
      if (typeof value !== "string") throw new GraphQLError(`${name} takes a string`);
      return value;
    },
    parseLiteral: (node) => {
      if (node.kind !== Kind.STRING) throw new GraphQLError(`${name} takes a string`, { nodes: node });
      return node.value;
    },
  });
}

/** A reference to a version; what is wrong with one is said by the domain, as `INVALID_INPUT`. */
export const VersionRef = text(
  "VersionRef",
  "Names a version: an id, a unique prefix of one (6 characters or more), `store://<kind>/<project>/<name>[:<selector>][@<run id>]`, `<project>/<name>[:<selector>][@<run id>]`, or `sha256:<hex>`. The selector is a number, `latest` (the default), a version name, an alias or a stage.",
);

/** Where a reader of the event log stands. */
export const Cursor = text("Cursor", "Where a reader of the event log stands. Opaque.");

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Whether there is such a day: Date takes February 30 for a day in March. */
function isDay(day: string): boolean {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}

function parseTime(value: unknown): number {
  const [whole, day] = (typeof value === "string" && rfc3339.exec(value)) || [];
  const time = whole && day && isDay(day) ? Date.parse(whole.toUpperCase()) : Number.NaN;
  if (Number.isNaN(time)) throw new GraphQLError("DateTime takes an RFC 3339 time such as 2026-01-31T12:00:00.000Z");
  return time;
}

/** Milliseconds since 1970 inside the service; RFC 3339 in UTC with milliseconds on the wire. */
export const DateTime = new GraphQLScalarType<number, string>({
  name: "DateTime",
  description: "A time, RFC 3339 in UTC with milliseconds: 2026-01-31T12:00:00.000Z.",
  serialize: (value) => new Date(Number(value)).toISOString(),
  parseValue: parseTime,
  parseLiteral: (node) => parseTime(node.kind === Kind.STRING ? node.value : undefined),
});

/** What an argument `asOf` means, for the schema. */
export const asOfDescription =
  "As it stood at this time, what happened at it included: which versions, executions and edges there were, what was deleted, and who held aliases, stages and tags, in nested fields too; everything else is today's.";

function parseBig(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    throw new GraphQLError("BigInt takes a whole number up to 2^53 - 1");
  return value;
}

/** A whole number up to 2^53 - 1, as a JSON number. */
export const BigInteger = new GraphQLScalarType<number, number>({
  name: "BigInt",
  description: "A whole number up to 2^53 - 1, as a JSON number.",
  serialize: parseBig,
  parseValue: parseBig,
  parseLiteral: (node) => parseBig(node.kind === Kind.INT ? Number(node.value) : undefined),
});
