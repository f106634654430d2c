import type { ApolloServerPlugin } from "@apollo/server";
import { type DocumentNode, GraphQLError, Kind, parse, type SelectionSetNode } from "graphql";
import { Refusal } from "../domain/errors.ts";

/** The largest document in characters, and how deep and how many fields it may hold once its fragments are spread. */
const documentLimits = { characters: 100_000, depth: 30, fields: 5_000 };

const tooComplex = (what: string, limit: number, actual: number): Refusal =>
  new Refusal(
    "TOO_COMPLEX",
    `the document has ${actual} ${what}, at most ${limit} are taken: ask in several requests`,
    { limit, actual },
  );

/** Refuses a document that is too long, before it is parsed. */
export const checkSource = (source: string): void => {
  if (source.length > documentLimits.characters)
    throw tooComplex("characters", documentLimits.characters, source.length);
};

type Cost = { fields: number; depth: number };

/** Refuses a document that is too deep or spreads to too many fields. Fragments are measured once each, so cost follows the text. */
const checkDocument = (document: DocumentNode): void => {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const known = new Map<string, Cost>();
  const fragmentCost = (name: string, within: string[]): Cost => {
    const fragment = fragments.get(name);
    const cost = known.get(name);
    // A cycle, or a fragment that isn't there, is for validation to refuse.
    if (cost || !fragment || within.includes(name)) return cost ?? { fields: 0, depth: 0 };
    const measured = measure(fragment.selectionSet, [...within, name]);
    known.set(name, measured);
    return measured;
  };
  const measure = (set: SelectionSetNode | undefined, within: string[]): Cost => {
    const total = { fields: 0, depth: 0 };
    for (const node of set?.selections ?? []) {
      const inner =
        node.kind === Kind.FRAGMENT_SPREAD ? fragmentCost(node.name.value, within) : measure(node.selectionSet, within);
      const own = node.kind === Kind.FIELD ? 1 : 0;
      total.fields += inner.fields + own;
      total.depth = Math.max(total.depth, inner.depth + own);
    }
    return total;
  };
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const { fields, depth } = measure(node.selectionSet, []);
    if (depth > documentLimits.depth) throw tooComplex("levels of fields", documentLimits.depth, depth);
    if (fields > documentLimits.fields) throw tooComplex("fields", documentLimits.fields, fields);
  }
};

/** Refuses documents that are too deep or too wide; their length is checked before Apollo sees them. */
export const documentLimitPlugin = (): ApolloServerPlugin => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ document }) {
        try {
          checkDocument(document);
        } catch (error) {
          const originalError = error instanceof Error ? error : new Error(String(error));
          throw new GraphQLError(originalError.message, { originalError, extensions: { http: { status: 400 } } });
        }
      },
    };
  },
});

/** The limits for documents that come by websocket. */
export const checkQuery = (query: string): DocumentNode => {
  checkSource(query);
  const document = parse(query);
  checkDocument(document);
  return document;
};
