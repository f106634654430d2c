import { GraphQLError, GraphQLScalarType, type IntValueNode, Kind, type ValueNode, visit } from "graphql";
import { GraphQLJSON } from "graphql-scalars";
import { normalizeIntegers, toJsonInteger } from "../lib/whole-numbers.ts";

function toStringField(name: string, value: string) {
  return {
    kind: Kind.OBJECT_FIELD,
    name: { kind: Kind.NAME, value: name },
    value: { kind: Kind.STRING, value },
  } as const;
}

/** A whole number in a document as a tagged value, where a JSON number can't hold it to the digit; else undefined. */
function tagLongInteger({ value }: IntValueNode): ValueNode | undefined {
  const json = toJsonInteger(BigInt(value));
  if (typeof json === "number") return undefined;
  const fields = Object.entries(json).map(([name, text]) => toStringField(name, text));
  return { kind: Kind.OBJECT, fields };
}

/** Any JSON value. Whole numbers that a JSON number can't hold to the digit are tagged, `{"$type": "INTEGER", "value": "9007199254740993"}`. */
export const Json = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  parseValue: (value) => normalizeIntegers(value),
  parseLiteral: (node, variables) => GraphQLJSON.parseLiteral(visit(node, { IntValue: tagLongInteger }), variables),
});

function createStringScalar(name: string, description: string) {
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: (value) => String(value),
    parseValue: (value) => {
      if (typeof value !== "string") throw new GraphQLError(`${name} must be a string`);
      return value;
    },
    parseLiteral: (node) => {
      if (node.kind !== Kind.STRING) throw new GraphQLError(`${name} must be a string`, { nodes: node });
      return node.value;
    },
  });
}

/** Accepts any string; the domain parses it and reports a malformed one as `INVALID_INPUT`. */
export const VersionRef = createStringScalar(
  "VersionRef",
  "Names a version: an id, a unique prefix of an id (6 characters or more), `<project>/<name>[:<selector>][@<run id>]`, `store://<kind>/<project>/<name>[:<selector>][@<run id>]`, or `sha256:<hex>`. The selector is a number, `latest` (the default), a version name, an alias or a stage.",
);

export const Cursor = createStringScalar("Cursor", "Opaque position in the event log.");

const rfc3339Pattern = /^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Whether a date exists; `Date` would read February 30 as a day in March. */
function isCalendarDate(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
}

function parseTime(value: unknown): number {
  const [text, date] = (typeof value === "string" && rfc3339Pattern.exec(value)) || [];
  const time = text && date && isCalendarDate(date) ? Date.parse(text.toUpperCase()) : Number.NaN;
  if (Number.isNaN(time)) throw new GraphQLError("DateTime must be an RFC 3339 time such as 2026-01-31T12:00:00.000Z");
  return time;
}

/** Milliseconds since 1970 inside the service; RFC 3339 in UTC with milliseconds in requests and responses. */
export const DateTime = new GraphQLScalarType<number, string>({
  name: "DateTime",
  description: "A time in RFC 3339 format, returned in UTC with milliseconds: 2026-01-31T12:00:00.000Z.",
  serialize: (value) => new Date(Number(value)).toISOString(),
  parseValue: parseTime,
  parseLiteral: (node) => parseTime(node.kind === Kind.STRING ? node.value : undefined),
});

/** The description of every `asOf` argument. */
export const asOfDescription =
  "Answer as of this time (inclusive), in nested fields too: which versions, executions and edges existed, what was deleted, and who held aliases, stages and tags. Everything else is current. Cannot be in the future; omit for now.";

function parseSafeInteger(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    throw new GraphQLError("BigInt must be a whole number between -(2^53 - 1) and 2^53 - 1");
  return value;
}

export const BigInteger = new GraphQLScalarType<number, number>({
  name: "BigInt",
  description: "A whole number between -(2^53 - 1) and 2^53 - 1, as a JSON number.",
  serialize: parseSafeInteger,
  parseValue: parseSafeInteger,
  parseLiteral: (node) => parseSafeInteger(node.kind === Kind.INT ? Number(node.value) : undefined),
});
