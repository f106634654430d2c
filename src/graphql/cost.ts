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
import { type Definitions, getReadCost, selectsOnlyCount } from "./read-costs.ts";

/**
 * The cost of an operation: its fields and their depth with fragments expanded, and the items that its pages hold if all are full, with what is read
 * without being shown.
 */
export interface Cost {
  fields: number;
  depth: number;
  items: number;
}

/** What the cost of a document depends on besides its text. */
export interface CostInput {
  schema: GraphQLSchema;
  variables: Readonly<Record<string, unknown>> | null | undefined;
}

/** Arguments that set the size of a page, with their maxima. */
const maxPageSizes = { first: 500, last: 500, limit: 10_000 };
const defaultPageSize = 50;
function isPageSize(name: string): name is keyof typeof maxPageSizes {
  return Object.hasOwn(maxPageSizes, name);
}

/** The number that an argument is given; undefined if it is absent, null or not a number. */
function getNumber(node: ValueNode, variables: Definitions["variables"]): number | undefined {
  if (node.kind === Kind.INT) return Number(node.value);
  const value = node.kind === Kind.VARIABLE ? variables[node.name.value] : undefined;
  return typeof value === "number" ? value : undefined;
}

function getVariables(operation: OperationDefinitionNode, given: CostInput["variables"]): Record<string, unknown> {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

function findField(parent: GraphQLNamedType | undefined, { name }: FieldNode) {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name.value] : undefined;
}

/** The size of the page that a field returns at most, 1 if only its number of items is selected; null for a field without pages. */
function getPageSize(
  field: GraphQLField<unknown, unknown> | undefined,
  node: FieldNode,
  definitions: Definitions,
): number | null {
  const paging = field?.args.find(({ name }) => isPageSize(name));
  if (!paging) return null;
  if (selectsOnlyCount(node, definitions)) return 1;
  const { variables } = definitions;
  const sizes = (node.arguments ?? []).flatMap(({ name, value }) => {
    const number = getNumber(value, variables);
    // A size beyond the maximum is rejected when the field is resolved.
    return isPageSize(name.value) && number !== undefined
      ? [Math.min(Math.max(number, 0), maxPageSizes[name.value])]
      : [];
  });
  if (sizes.length) return Math.max(...sizes);
  return typeof paging.defaultValue === "number" ? paging.defaultValue : defaultPageSize;
}

/** Creates a function that measures selections. Each fragment is measured once, so that the work depends on the length of the text, not of its expansion. */
function createMeasure(schema: GraphQLSchema, variables: Record<string, unknown>, document: DocumentNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const definitions: Definitions = { variables, fragments };
  const known = new Map<string, Cost>();
  const fragmentCost = (name: string, within: string[]): Cost => {
    const fragment = fragments.get(name);
    const cost = known.get(name);
    // Cycles and missing fragments are rejected by validation.
    if (cost || !fragment || within.includes(name)) return cost ?? { fields: 0, depth: 0, items: 0 };
    const type = schema.getType(fragment.typeCondition.name.value);
    const measured = measure(fragment.selectionSet, type, [...within, name]);
    known.set(name, measured);
    return measured;
  };
  const fieldCost = (node: FieldNode, parent: GraphQLNamedType | undefined, within: string[]): Cost => {
    const field = findField(parent, node);
    const inner = measure(node.selectionSet, field && getNamedType(field.type), within);
    const pageSize = getPageSize(field, node, definitions);
    const shown = pageSize === null ? inner.items : pageSize * (1 + inner.items);
    const items = shown + getReadCost(parent?.name ?? "", node, definitions);
    return { fields: inner.fields + 1, depth: inner.depth + 1, items };
  };
  const selectionCost = (node: SelectionNode, parent: GraphQLNamedType | undefined, within: string[]): Cost => {
    if (node.kind === Kind.FIELD) return fieldCost(node, parent, within);
    if (node.kind === Kind.FRAGMENT_SPREAD) return fragmentCost(node.name.value, within);
    const type = node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent;
    return measure(node.selectionSet, isCompositeType(type) ? type : parent, within);
  };
  const measure = (set: SelectionSetNode | undefined, type: GraphQLNamedType | undefined, within: string[]): Cost => {
    const total = { fields: 0, depth: 0, items: 0 };
    for (const node of set?.selections ?? []) {
      const cost = selectionCost(node, type, within);
      total.fields += cost.fields;
      total.depth = Math.max(total.depth, cost.depth);
      total.items += cost.items;
    }
    return total;
  };
  return measure;
}

/** The cost of each operation of a document. */
export function measureCost(document: DocumentNode, { schema, variables }: CostInput): Cost[] {
  return document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION
      ? [
          createMeasure(schema, getVariables(node, variables), document)(
            node.selectionSet,
            schema.getRootType(node.operation) ?? undefined,
            [],
          ),
        ]
      : [],
  );
}
