import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from "graphql";

/** The part of a document that a resolver answers. */
export type Selection = Pick<GraphQLResolveInfo, "fieldNodes" | "fragments">;

function fieldsIn(set: SelectionSetNode | undefined, fragments: Selection["fragments"]): FieldNode[] {
  return (set?.selections ?? []).flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragments[node.name.value] : node;
    return fieldsIn(inner?.selectionSet, fragments);
  });
}

/** The fields selected in each of these fields, including those of fragments, of any type, and regardless of directives. */
export function getSelectedFields({ fieldNodes, fragments }: Selection): FieldNode[] {
  return fieldNodes.flatMap(({ selectionSet }) => fieldsIn(selectionSet, fragments));
}

/** The names of fields without duplicates, in alphabetical order. */
export function getFieldNames(fields: readonly FieldNode[]): string[] {
  return [...new Set(fields.map(({ name }) => name.value))].sort();
}
