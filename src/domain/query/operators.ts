import { keysOf } from "../../lib/keys-of.ts";
import type { Value } from "../../ports/statement.ts";

/** The comparisons of filters and how Cypher writes them. */
const operators = {
  eq: "=",
  in: "IN",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
  contains: "CONTAINS",
  startsWith: "STARTS WITH",
};

export type Operator = keyof typeof operators;

/** All operators, in the order in which conditions are written. */
export const operatorNames: readonly Operator[] = keysOf(operators);

/** The comparisons of one filter field, such as `StringFilter`; all that are given must hold. */
export type Comparisons = { readonly [O in Operator]?: Value };

/** A condition on an operand; false, never null, where the operand is absent. `value` is the name of a parameter. */
export function toCondition(operator: Operator, operand: string, value: string): string {
  return `(${operand} IS NOT NULL AND ${operand} ${operators[operator]} ${value})`;
}
