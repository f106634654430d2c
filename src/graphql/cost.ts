import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";

/** What a document asks for at most: its fields and their depth with fragments spread, and how many things its pages can hold. */
export interface Cost {
  fields: number;
  depth: number;
  things: number;
}

/** What the cost of a document depends on besides its text. */
export interface Asking {
  schema: GraphQLSchema;
  variables: Readonly<Record<string, unknown>> | null | undefined;
}

/** Arguments that say how many things a field gives, and the most that they may say. */
const sizes = { first: 500, last: 500, limit: 10_000 };
const usualPage = 50;
function isSize(name: string): name is keyof typeof sizes {
  return Object.hasOwn(sizes, name);
}

/** The number that an argument stands for; undefined when it is left out, null or no number. */
function numberOf(node: ValueNode, variables: Record<string, unknown>): number | undefined {
  if (node.kind === Kind.INT) return Number(node.value);
  const value = node.kind === Kind.VARIABLE ? variables[node.name.value] : undefined;
  return typeof value === "number" ? value : undefined;
}

function variablesOf(operation: OperationDefinitionNode, given: Asking["variables"]): Record<string, unknown> {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

function fieldOf(parent: GraphQLNamedType | undefined, { name }: FieldNode) {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name.value] : undefined;
}

/** How many things a field gives at most; null for one that isn't paged. */
function pageOf(
  field: GraphQLField<unknown, unknown> | undefined,
  node: FieldNode,
  variables: Record<string, unknown>,
): number | null {
  const paging = field?.args.find(({ name }) => isSize(name));
  if (!paging) return null;
  const asked = (node.arguments ?? []).flatMap(({ name, value }) => {
    const number = numberOf(value, variables);
    // More than the most is refused by whoever answers the field.
    return isSize(name.value) && number !== undefined ? [Math.min(Math.max(number, 0), sizes[name.value])] : [];
  });
  if (asked.length) return Math.max(...asked);
  return typeof paging.defaultValue === "number" ? paging.defaultValue : usualPage;
}

/** Fragments are measured once each, so that the work follows the text, not what it spreads to. */
function measurer(schema: GraphQLSchema, variables: Record<string, unknown>, document: DocumentNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const known = new Map<string, Cost>();
  const fragmentCost = (name: string, within: string[]): Cost => {
    const fragment = fragments.get(name);
    const cost = known.get(name);
    // A cycle, or a fragment that isn't there, is for validation to refuse.
    if (cost || !fragment || within.includes(name)) return cost ?? { fields: 0, depth: 0, things: 0 };
    const type = schema.getType(fragment.typeCondition.name.value);
    const measured = measure(fragment.selectionSet, type, [...within, name]);
    known.set(name, measured);
    return measured;
  };
  const fieldCost = (node: FieldNode, parent: GraphQLNamedType | undefined, within: string[]): Cost => {
    const field = fieldOf(parent, node);
    const inner = measure(node.selectionSet, field && getNamedType(field.type), within);
    const page = pageOf(field, node, variables);
    const things = page === null ? inner.things : page * (1 + inner.things);
    return { fields: inner.fields + 1, depth: inner.depth + 1, things };
  };
  const selectionCost = (node: SelectionNode, parent: GraphQLNamedType | undefined, within: string[]): Cost => {
    if (node.kind === Kind.FIELD) return fieldCost(node, parent, within);
    if (node.kind === Kind.FRAGMENT_SPREAD) return fragmentCost(node.name.value, within);
    const type = node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent;
    return measure(node.selectionSet, isCompositeType(type) ? type : parent, within);
  };
  const measure = (set: SelectionSetNode | undefined, type: GraphQLNamedType | undefined, within: string[]): Cost => {
    const total = { fields: 0, depth: 0, things: 0 };
    for (const node of set?.selections ?? []) {
      const cost = selectionCost(node, type, within);
      total.fields += cost.fields;
      total.depth = Math.max(total.depth, cost.depth);
      total.things += cost.things;
    }
    return total;
  };
  return measure;
}

/** The cost of each operation of a document. */
export function measureCost(document: DocumentNode, { schema, variables }: Asking): Cost[] {
  return document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION
      ? [
          measurer(schema, variablesOf(node, variables), document)(
            node.selectionSet,
            schema.getRootType(node.operation) ?? undefined,
            [],
          ),
        ]
      : [],
  );
}
