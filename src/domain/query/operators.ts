/** The comparisons of filters and how Cypher writes them. */
const operators: Readonly<Record<string, string>> = {
  eq: "=",
  in: "IN",
  contains: "CONTAINS",
  startsWith: "STARTS WITH",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
};

/** A condition on an operand; false, never null, where the operand is absent. `value` is the name of a parameter. */
export function toCondition(operator: string, operand: string, value: string): string {
  return `(${operand} IS NOT NULL AND ${operand} ${operators[operator]} ${value})`;
}
