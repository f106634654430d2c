import {
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

/** What is taken for a value that nobody gave: answers that hold only such are not proof that a field works. */
const defaultOf: Record<string, string> = { Kind: "ARTIFACT", Status: "RUNNING", VersionState: "READY" };

/** The alias under which every selection asks for the type of what it got. */
const typeAlias = "t__";

type Json = Record<string, unknown>;
function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}

function isTold(value: unknown, type: string): boolean {
  if (value === null || value === undefined || value === false || value === "" || value === 0) return false;
  if (Array.isArray(value)) return value.some((item) => isTold(item, type));
  if (!isObject(value)) return value !== defaultOf[type];
  const { [typeAlias]: _type, ...rest } = value;
  if (type.endsWith("Connection")) return isTold(rest.nodes ?? rest.edges ?? rest.totalCount, "");
  return Object.keys(rest).length > 0;
}

/** The document with the type asked for in every selection but that of the operation. */
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

/** Everything in the schema that a test must have seen: `Type.field`, `Type.field(arg:)`, `Input.field`, `Enum=VALUE` and `Union=Type`. */
function wanted(schema: GraphQLSchema): string[] {
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

/** The fragment of a selection that isn't a field. */
function fragmentOf(document: DocumentNode, node: FragmentSpreadNode | InlineFragmentNode): Fragment | undefined {
  return node.kind === Kind.INLINE_FRAGMENT
    ? node
    : document.definitions.find(
        (item): item is FragmentDefinitionNode =>
          item.kind === Kind.FRAGMENT_DEFINITION && item.name.value === node.name.value,
      );
}

function fieldsOf(schema: GraphQLSchema, type: string): GraphQLFieldMap<unknown, unknown> {
  const owner = schema.getType(type);
  return isObjectType(owner) || isInterfaceType(owner) ? owner.getFields() : {};
}

/** A value given for an argument or a field of an input, other than what the schema gives by itself. */
function isGiven({ defaultValue, type }: GraphQLArgument | GraphQLInputField, value: unknown): boolean {
  return (
    (defaultValue === undefined || defaultValue !== value) && (value === 0 || isTold(value, getNamedType(type).name))
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value.flatMap(listOf) : [value];
}

/** Notes what an input of a type holds. */
function noteInput(seen: Set<string>, type: GraphQLInputType, values: unknown): void {
  const named = getNamedType(type);
  for (const value of listOf(values)) {
    if (isEnumType(named)) seen.add(`${named.name}=${String(value)}`);
    if (!isInputObjectType(named) || !isObject(value)) continue;
    for (const field of Object.values(named.getFields())) {
      if (isGiven(field, value[field.name])) seen.add(`${named.name}.${field.name}`);
      noteInput(seen, field.type, value[field.name]);
    }
  }
}

/** Notes what a document gave and what its answer told. */
function noteAnswer(schema: GraphQLSchema, seen: Set<string>, document: DocumentNode, variables: Json) {
  const fits = (runtime: string, condition: string): boolean => {
    const [type, object] = [schema.getType(condition), schema.getType(runtime)];
    return runtime === condition || (isInterfaceType(type) && isObjectType(object) && schema.isSubType(type, object));
  };
  const noteArguments = (owner: string, field: GraphQLField<unknown, unknown>, node: FieldNode): void => {
    for (const { name, value: literal } of node.arguments ?? []) {
      const argument = field.args.find((item) => item.name === name.value);
      const value = valueFromASTUntyped(literal, variables);
      if (!argument) continue;
      if (isGiven(argument, value)) seen.add(`${owner}.${field.name}(${name.value}:)`);
      noteInput(seen, argument.type, value);
    }
  };
  const noteValue = (type: GraphQLOutputType, set: SelectionSetNode | undefined, values: unknown): void => {
    const { name } = getNamedType(type);
    for (const value of listOf(values)) {
      if (isEnumType(schema.getType(name)) && value) seen.add(`${name}=${String(value)}`);
      if (set && isObject(value)) noteSelection(String(value[typeAlias]), name, set, value);
    }
  };
  const noteField = (runtime: string, within: string, node: FieldNode, value: unknown): void => {
    // A field asked for on an interface is told by the type that was there, too.
    for (const owner of new Set([runtime, within])) {
      const field = fieldsOf(schema, owner)[node.name.value];
      if (!field) continue;
      if (isTold(value, getNamedType(field.type).name)) seen.add(`${owner}.${field.name}`);
      noteArguments(owner, field, node);
      if (owner === within) noteValue(field.type, node.selectionSet, value);
    }
  };
  const noteSelection = (runtime: string, within: string, set: SelectionSetNode, value: Json): void => {
    seen.add(`${within}=${runtime}`);
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) noteField(runtime, within, node, value[(node.alias ?? node.name).value]);
      else {
        const fragment = fragmentOf(document, node);
        const condition = fragment?.typeCondition?.name.value ?? within;
        if (fragment && fits(runtime, condition)) noteSelection(runtime, condition, fragment.selectionSet, value);
      }
    }
  };
  return noteSelection;
}

/** Watches documents, their variables and their answers, and knows what of the schema no test has seen yet. */
export function watchSchema(schema: GraphQLSchema) {
  const seen = new Set<string>();
  return {
    /** The text to send in place of a document. */
    text: (query: string): string => print(instrument(parse(query))),
    /** Takes note of an answer without errors, and gives its data as the caller's own document would have got it. */
    seen: (query: string, variables: Json, data: unknown): unknown => {
      const document = parse(query);
      const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
      const root = operation && schema.getRootType(operation.operation)?.name;
      if (operation && root && isObject(data))
        noteAnswer(schema, seen, document, variables)(root, root, operation.selectionSet, data);
      return strip(data);
    },
    /** What no answer has shown. */
    missing: (): string[] => wanted(schema).filter((name) => !seen.has(name)),
  };
}
