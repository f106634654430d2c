import type { ArtifactOrder, VersionOrder } from "../model/order.ts";
import { cypherText } from "../ports/statement.ts";
import { invalid } from "./errors.ts";
import type { Parameters } from "./filter.ts";
import type { Order, OrderTerm } from "./listing.ts";

const unique: OrderTerm = { operand: "item.id", descending: false };

/** Newest first. */
export const newestFirst = (): Order => ({ terms: [{ operand: "item.createdAt", descending: true }, unique] });

const operands: Record<Exclude<VersionOrder["field"], "METADATA">, string[]> = {
  CREATED_AT: ["item.createdAt"],
  UPDATED_AT: ["item.updatedAt"],
  NUMBER: ["item.number"],
  NAME: ["item.nameKey"],
  SIZE: ["coalesce(item.size, -1)"],
};

const joinKey = cypherText("list/metadata-key");

/** Numbers before texts before what has neither, either way; among their kind as asked. */
const byMetadata = (key: string, name: string, descending: boolean, params: Parameters) => ({
  joins: joinKey.replace("/*name*/", name).replace("/*key*/", () => params.add(key)),
  terms: [
    {
      operand: `CASE WHEN ${name}.number IS NOT NULL THEN 0 WHEN ${name}.sort IS NOT NULL THEN 1 ELSE 2 END`,
      descending: false,
    },
    { operand: `coalesce(${name}.number, 0)`, descending },
    { operand: `coalesce(${name}.sort, '')`, descending },
  ],
});

/** What has no size comes last either way. */
const bySize = (descending: boolean): OrderTerm[] => [
  { operand: "CASE WHEN item.size IS NULL THEN 1 ELSE 0 END", descending: false },
  ...operands.SIZE.map((operand) => ({ operand, descending })),
];

/** The order of a list of versions; `INVALID_INPUT` when METADATA comes without a key, or a key without METADATA. */
export const versionOrder =
  (asked: VersionOrder[]) =>
  (params: Parameters): Order => {
    if (!asked.length) return newestFirst();
    const parts = asked.map(({ field, direction, key }, i): { joins?: string; terms: OrderTerm[] } => {
      const descending = direction !== "ASC";
      if (Boolean(key) !== (field === "METADATA"))
        throw invalid(`orderBy[${i}].key`, "a key belongs to METADATA, and METADATA needs one");
      if (field === "METADATA") return byMetadata(key ?? "", `m${i}`, descending, params);
      if (field === "SIZE") return { terms: bySize(descending) };
      return { terms: operands[field].map((operand) => ({ operand, descending })) };
    });
    return {
      terms: [...parts.flatMap(({ terms }) => terms), unique],
      joins: parts
        .map(({ joins }) => joins ?? "")
        .join("\n")
        .trim(),
    };
  };

/** The order of a list of artifacts. */
export const artifactOrder = (asked: ArtifactOrder[]) => (): Order => {
  if (!asked.length) return newestFirst();
  const terms = asked.flatMap(({ field, direction }) =>
    operands[field].map((operand) => ({ operand, descending: direction !== "ASC" })),
  );
  return { terms: [...terms, unique] };
};
