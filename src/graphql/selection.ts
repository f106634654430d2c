import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from "graphql";

/** What a resolver needs to know of the document. */
export type Selecting = Pick<GraphQLResolveInfo, "fieldNodes" | "fragments">;

function fieldsIn(set: SelectionSetNode | undefined, fragments: Selecting["fragments"]): FieldNode[] {
  return (set?.selections ?? []).flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragments[node.name.value] : node;
    return fieldsIn(inner?.selectionSet, fragments);
  });
}

/** What is selected of each of these fields, fragments spread, whatever type they are on and whatever directives leave out. */
export function selectedOf({ fieldNodes, fragments }: Selecting): FieldNode[] {
  return fieldNodes.flatMap(({ selectionSet }) => fieldsIn(selectionSet, fragments));
}

/** The names of fields, each once, in alphabetical order. */
export function namesOf(fields: readonly FieldNode[]): string[] {
  return [...new Set(fields.map(({ name }) => name.value))].sort();
}
