import type { SchemaNode } from "./schema.ts";

/** The type of a column in words, with what belongs to it. */
export interface ColumnType {
  type: string;
  /** Of timestamps, times and durations: s, ms, us or ns. */
  unit?: "s" | "ms" | "us" | "ns";
  /** Of timestamps that are instants: the time zone that their writer named, or UTC. */
  zone?: string;
  precision?: number;
  scale?: number;
}

const physical: Record<string, string> = {
  ...{ BOOLEAN: "boolean", INT32: "int32", INT64: "int64", FLOAT: "float", DOUBLE: "double" },
  ...{ BYTE_ARRAY: "binary", FIXED_LEN_BYTE_ARRAY: "binary" },
};

function typeOfValue({ element, arrow }: SchemaNode): ColumnType {
  const { logical, type } = element;
  if (type === "INT96") return { type: "timestamp", unit: "ns" };
  if (logical?.kind === "DECIMAL") return { type: "decimal", precision: logical.precision, scale: logical.scale };
  if (logical?.kind === "TIMESTAMP") {
    const zone = logical.utc ? { zone: arrow?.zone ?? "UTC" } : {};
    return { type: "timestamp", unit: logical.unit, ...zone };
  }
  if (logical?.kind === "TIME") return { type: "time", unit: logical.unit };
  if (logical?.kind === "INTEGER") return { type: `${logical.signed ? "" : "u"}int${logical.bits}` };
  if (logical) return { type: logical.kind.toLowerCase() };
  if (arrow?.duration && type === "INT64") return { type: "duration", unit: arrow.duration };
  return { type: physical[type ?? ""] ?? "unknown" };
}

/** A type in one text, such as `list<timestamp[us, UTC]>`. */
function textOf(node: SchemaNode): string {
  const { type, unit, zone, precision, scale } = typeOf(node);
  const details = [unit, zone, precision, scale].filter((detail) => detail !== undefined);
  return details.length ? `${type}[${details.join(", ")}]` : type;
}

/** The type of a column; that of a nested one names the types inside it. */
export function typeOf(node: SchemaNode): ColumnType {
  if (node.kind === "value") return typeOfValue(node);
  const inner = node.children.map((child) =>
    node.kind === "struct" ? `${child.element.name}: ${textOf(child)}` : textOf(child),
  );
  return { type: `${node.kind}<${inner.join(", ")}>`.slice(0, 1_000) };
}
