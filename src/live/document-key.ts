import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  getVariableValues,
  Kind,
  print,
  type VariableNode,
  visit,
} from "graphql";
import { contextOf } from "../graphql/context.ts";
import { canonicalJson } from "../lib/canonical-json.ts";

/** The document without the arguments of its root fields: they select events, and have no effect on how one is rendered. */
function withoutRootArguments(document: DocumentNode): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.map((node) => {
      if (node.kind !== Kind.OPERATION_DEFINITION) return node;
      const selections = node.selectionSet.selections.map((item) =>
        item.kind === Kind.FIELD ? { ...item, arguments: [] } : item,
      );
      return { ...node, variableDefinitions: [], selectionSet: { ...node.selectionSet, selections } };
    }),
  };
}

/** A key that is equal for subscriptions that render every event alike: same actor, same fields, same variables in them. */
export function getDocumentKey(args: ExecutionArgs): string {
  const document = withoutRootArguments(args.document);
  const operation = getOperationAST(args.document, args.operationName);
  // Coerced, because the defaults of variables may be all that differs between two documents.
  const { coerced } = getVariableValues(args.schema, operation?.variableDefinitions ?? [], args.variableValues ?? {});
  const used: Record<string, unknown> = {};
  const collect = ({ name }: VariableNode) => {
    used[name.value] = coerced?.[name.value];
  };
  visit(document, { [Kind.VARIABLE]: collect });
  return canonicalJson([print(document), args.operationName ?? null, used, contextOf(args).actor]);
}
