import { readFileSync } from "node:fs";
import {
  buildSchema,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLFieldMap,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  valueFromASTUntyped,
  visit,
} from "graphql";

/** Values that look like a default: an answer with only these does not prove that a field works. */
const defaultOf: Record<string, string> = { Kind: "ARTIFACT", Status: "RUNNING", VersionState: "READY" };

/** The alias under which every selection asks for `__typename`. */
const typeAlias = "t__";

type Json = Record<string, unknown>;
function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}

function isInformative(value: unknown, type: string): boolean {
  if (value === null || value === undefined || value === false || value === "" || value === 0) return false;
  if (Array.isArray(value)) return value.some((item) => isInformative(item, type));
  if (!isObject(value)) return value !== defaultOf[type];
  const { [typeAlias]: _type, ...rest } = value;
  if (type.endsWith("Connection")) return isInformative(rest.nodes ?? rest.edges ?? rest.totalCount, "");
  return Object.keys(rest).length > 0;
}

/** Adds `__typename` to every selection but that of the operation. */
function instrument(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: (node, _key, parent): SelectionSetNode | undefined => {
      if (parent && "kind" in parent && parent.kind === Kind.OPERATION_DEFINITION) return undefined;
      const alias = { kind: Kind.NAME, value: typeAlias } as const;
      const typename: FieldNode = { kind: Kind.FIELD, alias, name: { kind: Kind.NAME, value: "__typename" } };
      return { ...node, selections: [...node.selections, typename] };
    },
  });
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (key === typeAlias ? [] : [[key, strip(item)]])),
  );
}

/** Reads the published schema. */
export function readSchema(): GraphQLSchema {
  return buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
}

/** Everything in the schema that some test must cover: `Type.field`, `Type.field(arg:)`, `Input.field`, `Enum=VALUE` and `Union=Type`. */
export function listCoverable(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith("__"))
    .flatMap((type) => {
      if (isEnumType(type)) return type.getValues().map((value) => `${type.name}=${value.name}`);
      if (isUnionType(type)) return type.getTypes().map((member) => `${type.name}=${member.name}`);
      if (isInputObjectType(type)) return Object.keys(type.getFields()).map((field) => `${type.name}.${field}`);
      if (!isObjectType(type) && !isInterfaceType(type)) return [];
      const possible = isInterfaceType(type)
        ? schema.getPossibleTypes(type).map((item) => `${type.name}=${item.name}`)
        : [];
      const fields = Object.values(type.getFields()).flatMap((field) => [
        `${type.name}.${field.name}`,
        ...field.args.map((argument) => `${type.name}.${field.name}(${argument.name}:)`),
      ]);
      return [...possible, ...fields];
    });
}

type Fragment = FragmentDefinitionNode | InlineFragmentNode;

/** The fragment of a selection that is not a field. */
function findFragment(document: DocumentNode, node: FragmentSpreadNode | InlineFragmentNode): Fragment | undefined {
  return node.kind === Kind.INLINE_FRAGMENT
    ? node
    : document.definitions.find(
        (item): item is FragmentDefinitionNode =>
          item.kind === Kind.FRAGMENT_DEFINITION && item.name.value === node.name.value,
      );
}

function getFields(schema: GraphQLSchema, type: string): GraphQLFieldMap<unknown, unknown> {
  const owner = schema.getType(type);
  return isObjectType(owner) || isInterfaceType(owner) ? owner.getFields() : {};
}

/** Whether a value was given for an argument or input field, other than its default. */
function isGiven({ defaultValue, type }: GraphQLArgument | GraphQLInputField, value: unknown): boolean {
  return (
    (defaultValue === undefined || defaultValue !== value) &&
    (value === 0 || isInformative(value, getNamedType(type).name))
  );
}

function flattenList(value: unknown): unknown[] {
  return Array.isArray(value) ? value.flatMap(flattenList) : [value];
}

/** Records what an input value covers. */
function recordInput(seen: Set<string>, type: GraphQLInputType, values: unknown): void {
  const named = getNamedType(type);
  for (const value of flattenList(values)) {
    if (isEnumType(named)) seen.add(`${named.name}=${String(value)}`);
    if (!isInputObjectType(named) || !isObject(value)) continue;
    for (const field of Object.values(named.getFields())) {
      if (isGiven(field, value[field.name])) seen.add(`${named.name}.${field.name}`);
      recordInput(seen, field.type, value[field.name]);
    }
  }
}

/** Records what a document and its answer cover. */
function recordAnswer(schema: GraphQLSchema, seen: Set<string>, document: DocumentNode, variables: Json) {
  const fits = (runtime: string, condition: string): boolean => {
    const [type, object] = [schema.getType(condition), schema.getType(runtime)];
    return runtime === condition || (isInterfaceType(type) && isObjectType(object) && schema.isSubType(type, object));
  };
  const recordArguments = (owner: string, field: GraphQLField<unknown, unknown>, node: FieldNode): void => {
    for (const { name, value: literal } of node.arguments ?? []) {
      const argument = field.args.find((item) => item.name === name.value);
      const value = valueFromASTUntyped(literal, variables);
      if (!argument) continue;
      if (isGiven(argument, value)) seen.add(`${owner}.${field.name}(${name.value}:)`);
      recordInput(seen, argument.type, value);
    }
  };
  const recordValue = (type: GraphQLOutputType, set: SelectionSetNode | undefined, values: unknown): void => {
    const { name } = getNamedType(type);
    for (const value of flattenList(values)) {
      if (isEnumType(schema.getType(name)) && value) seen.add(`${name}=${String(value)}`);
      if (set && isObject(value)) recordSelection(String(value[typeAlias]), name, set, value);
    }
  };
  const recordField = (runtime: string, within: string, node: FieldNode, value: unknown): void => {
    // A field selected on an interface also covers the field of the concrete type.
    for (const owner of new Set([runtime, within])) {
      const field = getFields(schema, owner)[node.name.value];
      if (!field) continue;
      if (isInformative(value, getNamedType(field.type).name)) seen.add(`${owner}.${field.name}`);
      recordArguments(owner, field, node);
      if (owner === within) recordValue(field.type, node.selectionSet, value);
    }
  };
  const recordSelection = (runtime: string, within: string, set: SelectionSetNode, value: Json): void => {
    seen.add(`${within}=${runtime}`);
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) recordField(runtime, within, node, value[(node.alias ?? node.name).value]);
      else {
        const fragment = findFragment(document, node);
        const condition = fragment?.typeCondition?.name.value ?? within;
        if (fragment && fits(runtime, condition)) recordSelection(runtime, condition, fragment.selectionSet, value);
      }
    }
  };
  return recordSelection;
}

/** Watches documents, their variables and their answers, and collects what of the schema they cover. */
export function watchSchema(schema: GraphQLSchema) {
  const seen = new Set<string>();
  return {
    /** The document to send in place of the given one. */
    text: (query: string): string => print(instrument(parse(query))),
    /** Records an answer without errors; returns its data without the added fields. */
    seen: (query: string, variables: Json, data: unknown): unknown => {
      const document = parse(query);
      const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
      const root = operation && schema.getRootType(operation.operation)?.name;
      if (operation && root && isObject(data))
        recordAnswer(schema, seen, document, variables)(root, root, operation.selectionSet, data);
      return strip(data);
    },
    /** What the answers have covered so far. */
    covered: (): string[] => [...seen],
  };
}
