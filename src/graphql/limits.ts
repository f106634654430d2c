import type { ApolloServerPlugin } from "@apollo/server";
import { type DocumentNode, GraphQLError, type GraphQLSchema, OperationTypeNode, parse, validate } from "graphql";
import { DomainError, invalid } from "../domain/core/errors.ts";
import { type Asking, measureCost } from "./cost.ts";

/**
 * The largest document in characters, how deep and how many fields it may hold once its fragments are spread, and how many things
 * its pages may hold when all of them are full: pages within pages multiply.
 */
const documentLimits = { characters: 100_000, depth: 30, fields: 5_000, things: 1_000_000 };

function tooComplex(what: string, limit: number, actual: number, instead = "ask in several requests"): DomainError {
  return new DomainError("TOO_COMPLEX", `the document has ${actual} ${what}, at most ${limit} are taken: ${instead}`, {
    limit,
    actual,
  });
}

/** Refuses a document that is too long, before it is parsed. */
export function validateSourceLength(source: string): void {
  if (source.length > documentLimits.characters)
    throw tooComplex("characters", documentLimits.characters, source.length);
}

/** Refuses a document that is too deep, spreads to too many fields, or whose pages could hold too many things. */
function checkDocument(document: DocumentNode, asking: Asking): void {
  for (const { fields, depth, things } of measureCost(document, asking)) {
    if (depth > documentLimits.depth) throw tooComplex("levels of fields", documentLimits.depth, depth);
    if (fields > documentLimits.fields) throw tooComplex("fields", documentLimits.fields, fields);
    if (things > documentLimits.things) {
      const what = "things to fetch when each of its pages is full";
      throw tooComplex(what, documentLimits.things, things, "take smaller pages within pages");
    }
  }
}

function subscriptionHint(): DomainError {
  const ways =
    "by a websocket (graphql-transport-ws) on /graphql, or as Server-Sent Events with `accept: text/event-stream`";
  return invalid("query", `a subscription has more than one answer: ask for it ${ways}`);
}

/** Refuses documents that ask for too much, or for a stream where there is one answer; their length is checked before Apollo sees them. */
export function documentLimitPlugin(): ApolloServerPlugin {
  return {
    async requestDidStart({ schema }) {
      return {
        async didResolveOperation({ document, operation, request }) {
          try {
            checkDocument(document, { schema, variables: request.variables });
            if (operation?.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionHint();
          } catch (error) {
            const originalError = error instanceof Error ? error : new Error(String(error));
            throw new GraphQLError(originalError.message, { originalError, extensions: { http: { status: 400 } } });
          }
        },
      };
    },
  };
}

/** Gives GraphQL's own errors the codes that they have over HTTP. */
function coded<E>(error: E, code: string): E {
  if (error instanceof GraphQLError) Object.assign(error.extensions, { code });
  return error;
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query);
  } catch (error) {
    throw coded(error, "GRAPHQL_PARSE_FAILED");
  }
}

/** Parses a document that comes by websocket or for a stream, within the limits. */
export function parseAndLimit(query: string, asking: Asking): DocumentNode {
  validateSourceLength(query);
  const document = parsed(query);
  checkDocument(document, asking);
  return document;
}

/** What of such a document doesn't fit the schema. */
export function findValidationErrors(schema: GraphQLSchema, document: DocumentNode): GraphQLError[] {
  return validate(schema, document).map((error) => coded(error, "GRAPHQL_VALIDATION_FAILED"));
}
