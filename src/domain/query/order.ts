import { fillTemplate } from "../../lib/cypher-files.ts";
import type {
  ArtifactOrder,
  ArtifactOrderField,
  RunOrder,
  RunOrderField,
  VersionOrder,
  VersionOrderField,
} from "../../model/order.ts";
import { DomainError, invalid } from "../core/errors.ts";
import type { Parameters } from "./filter-compiler.ts";
import type { LeafRelation } from "./filter-fields.ts";
import type { Order, OrderTerm } from "./list.ts";

/** What a list can be ordered by: a property, which `absent` stands for where it may be missing, or a leaf of some relation by its key. */
type Sortable = { operand: string; absent?: number } | { relation: LeafRelation };

function property(name: string): Sortable {
  return { operand: `item.${name}` };
}
function optional(name: string): Sortable {
  return { operand: `item.${name}`, absent: -1 };
}

const sortables = {
  CREATED_AT: property("createdAt"),
  UPDATED_AT: property("updatedAt"),
  STARTED_AT: optional("startedAt"),
  ENDED_AT: optional("endedAt"),
  NUMBER: property("number"),
  NAME: property("nameKey"),
  STATUS: property("status"),
  SIZE: optional("size"),
  METADATA: { relation: "HAS_METADATA" },
  PARAMETER: { relation: "HAS_PARAMETER" },
  METRIC: { relation: "HAS_METRIC" },
} satisfies Record<VersionOrderField | ArtifactOrderField | RunOrderField, Sortable>;

const unique: OrderTerm = { operand: "item.id", descending: false };

/** Newest first. */
function newestFirst(): Order {
  return { terms: [{ operand: "item.createdAt", descending: true }, unique] };
}

type Part = { joins: string[]; terms: OrderTerm[] };

/** Numbers before texts before what has neither, either way; among their kind as asked. */
function byLeaf(relation: LeafRelation, key: string, name: string, descending: boolean, params: Parameters): Part {
  return {
    joins: [fillTemplate("list/metadata-key", { relation, name, key: params.add(key) })],
    terms: [
      {
        operand: `CASE WHEN ${name}.number IS NOT NULL THEN 0 WHEN ${name}.sort IS NOT NULL THEN 1 ELSE 2 END`,
        descending: false,
      },
      { operand: `coalesce(${name}.number, 0)`, descending },
      { operand: `coalesce(${name}.sort, '')`, descending },
    ],
  };
}

/** What lacks the property comes last either way. */
function byProperty(operand: string, absent: number | undefined, descending: boolean): Part {
  return absent === undefined
    ? { joins: [], terms: [{ operand, descending }] }
    : {
        joins: [],
        terms: [
          { operand: `CASE WHEN ${operand} IS NULL THEN 1 ELSE 0 END`, descending: false },
          { operand: `coalesce(${operand}, ${absent})`, descending },
        ],
      };
}

type Asked = (VersionOrder | ArtifactOrder | RunOrder) & { key?: string | null };

/** The order of a list as asked, newest first when nothing is; `INVALID_INPUT` when a key is missing, or doesn't belong. */
export function orderBy(asked: Asked[] | null | undefined) {
  return (params: Parameters): Order => {
    if (!asked?.length) return newestFirst();
    if (asked.length > 10)
      throw new DomainError("TOO_COMPLEX", "at most 10 terms of order are taken", { limit: 10, actual: asked.length });
    const parts = asked.map(({ field, direction, key }, i): Part => {
      const sortable: Sortable = sortables[field];
      const descending = direction !== "ASC";
      if (Boolean(key) !== "relation" in sortable) {
        throw invalid(`orderBy[${i}].key`, "METADATA, PARAMETER and METRIC need a key, and nothing else takes one");
      }
      if ("relation" in sortable) return byLeaf(sortable.relation, key ?? "", `m${i}`, descending, params);
      return byProperty(sortable.operand, sortable.absent, descending);
    });
    return {
      terms: [...parts.flatMap(({ terms }) => terms), unique],
      joins: parts.flatMap(({ joins }) => joins).join("\n"),
    };
  };
}
