import { fillTemplate } from "../../lib/cypher-files.ts";
import { isGiven } from "../../lib/is-given.ts";
import type {
  ArtifactOrder,
  ArtifactOrderField,
  RunOrder,
  RunOrderField,
  VersionOrder,
  VersionOrderField,
} from "../../model/order.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { noRest } from "../core/exact-number.ts";
import type { Parameters } from "./filter-compiler.ts";
import type { LeafRelation } from "./filter-fields.ts";
import type { Order, OrderTerm } from "./list.ts";

/** What a list can be ordered by: a property, with a value to use if it may be absent, or a leaf by its key. */
type Sortable = { operand: string; valueIfAbsent?: number } | { relation: LeafRelation };

function property(name: string): Sortable {
  return { operand: `item.${name}` };
}

function optionalProperty(name: string): Sortable {
  return { operand: `item.${name}`, valueIfAbsent: -1 };
}

const sortables = {
  CREATED_AT: property("createdAt"),
  UPDATED_AT: property("updatedAt"),
  STARTED_AT: optionalProperty("startedAt"),
  ENDED_AT: optionalProperty("endedAt"),
  NUMBER: property("number"),
  NAME: property("nameKey"),
  STATUS: property("status"),
  SIZE: optionalProperty("size"),
  METADATA: { relation: "HAS_METADATA" },
  PARAMETER: { relation: "HAS_PARAMETER" },
  METRIC: { relation: "HAS_METRIC" },
} satisfies Record<VersionOrderField | ArtifactOrderField | RunOrderField, Sortable>;

/** Ends every order, so that no two items are equal. */
const byId: OrderTerm = { operand: "item.id", descending: false };

function newestFirst(): Order {
  return { terms: [{ operand: "item.createdAt", descending: true }, byId] };
}

type Part = { joins: string[]; terms: OrderTerm[] };

/** Orders by a leaf: in both directions numbers come first (see `compareNumbers`), then texts, then NaN, then items without any of them. */
function byLeaf(relation: LeafRelation, key: string, name: string, descending: boolean, params: Parameters): Part {
  return {
    joins: [fillTemplate("list/metadata-key", { relation, name, key: params.add(key) })],
    terms: [
      {
        operand: `CASE WHEN ${name}.number IS NOT NULL THEN 0 WHEN ${name}.sort IS NOT NULL THEN 1 WHEN ${name}.type = 'FLOAT' THEN 2 ELSE 3 END`,
        descending: false,
      },
      { operand: `coalesce(${name}.number, 0)`, descending },
      { operand: `coalesce(${name}.rest, '${noRest}')`, descending },
      { operand: `coalesce(${name}.sort, '')`, descending },
    ],
  };
}

/** Orders by a property: in both directions items without it come last. */
function byProperty(operand: string, valueIfAbsent: number | undefined, descending: boolean): Part {
  if (valueIfAbsent === undefined) return { joins: [], terms: [{ operand, descending }] };
  return {
    joins: [],
    terms: [
      { operand: `CASE WHEN ${operand} IS NULL THEN 1 ELSE 0 END`, descending: false },
      { operand: `coalesce(${operand}, ${valueIfAbsent})`, descending },
    ],
  };
}

type OrderInput = (VersionOrder | ArtifactOrder | RunOrder) & { key?: string | null };

const maxTerms = 10;

function toPart({ field, direction, key }: OrderInput, i: number, params: Parameters): Part {
  const sortable: Sortable = sortables[field];
  const descending = direction !== "ASC";
  if ("relation" in sortable) {
    if (!isGiven(key)) throw invalid(`orderBy[${i}].key`, `${field} requires a key`);
    return byLeaf(sortable.relation, key, `m${i}`, descending, params);
  }
  if (isGiven(key)) throw invalid(`orderBy[${i}].key`, `${field} takes no key; only METADATA, PARAMETER and METRIC do`);
  return byProperty(sortable.operand, sortable.valueIfAbsent, descending);
}

/**
 * Compiles the order of a list, newest first by default. More than 10 terms are `TOO_COMPLEX`; a key that is missing, or given for a field that
 * takes none, is `INVALID_INPUT`.
 */
export function orderBy(inputs: OrderInput[] | null | undefined) {
  return (params: Parameters): Order => {
    if (!inputs?.length) return newestFirst();
    if (inputs.length > maxTerms) {
      const message = `orderBy has ${inputs.length} terms; the limit is ${maxTerms}`;
      throw new DomainError("TOO_COMPLEX", message, { limit: maxTerms, actual: inputs.length });
    }
    const parts = inputs.map((input, i) => toPart(input, i, params));
    return {
      terms: [...parts.flatMap(({ terms }) => terms), byId],
      joins: parts.flatMap(({ joins }) => joins).join("\n"),
    };
  };
}
