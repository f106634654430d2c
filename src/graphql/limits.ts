import type { ApolloServerPlugin } from "@apollo/server";
import { type DocumentNode, GraphQLError, type GraphQLSchema, OperationTypeNode, parse, validate } from "graphql";
import { DomainError, invalid } from "../domain/core/errors.ts";
import { type CostInput, measureCost } from "./cost.ts";

/** Maxima of a document: characters, depth and fields with fragments expanded, and items of its pages if all of them are full (nested pages multiply). */
const limits = { characters: 100_000, depth: 30, fields: 5_000, items: 1_000_000 };

function tooComplex(what: string, actual: number, limit: number, instead = "split it into several requests") {
  return new DomainError("TOO_COMPLEX", `${what} ${actual} exceeds the limit of ${limit}; ${instead}`, {
    limit,
    actual,
  });
}

/** Throws `TOO_COMPLEX` for a document that is too long, before it is parsed. */
export function validateSourceLength(source: string): void {
  if (source.length > limits.characters) throw tooComplex("query length", source.length, limits.characters);
}

/** Throws `TOO_COMPLEX` for a document that is too deep, has too many fields, or whose pages could hold too many items. */
function validateCost(document: DocumentNode, input: CostInput): void {
  for (const { fields, depth, items } of measureCost(document, input)) {
    if (depth > limits.depth) throw tooComplex("query depth", depth, limits.depth);
    if (fields > limits.fields) throw tooComplex("number of fields", fields, limits.fields);
    if (items > limits.items)
      throw tooComplex("number of items on full pages", items, limits.items, "use smaller pages inside of pages");
  }
}

function subscriptionOverHttp(): DomainError {
  const ways = "a websocket (graphql-transport-ws) on /graphql, or Server-Sent Events (accept: text/event-stream)";
  return invalid("query", `a subscription has more than one result; use ${ways}`);
}

/** Rejects documents that are too complex, and subscriptions, which have no single answer. Their length is validated before Apollo gets them. */
export function documentLimitPlugin(): ApolloServerPlugin {
  return {
    async requestDidStart({ schema }) {
      return {
        async didResolveOperation({ document, operation, request }) {
          try {
            validateCost(document, { schema, variables: request.variables });
            if (operation?.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionOverHttp();
          } catch (error) {
            const originalError = error instanceof Error ? error : new Error(String(error));
            throw new GraphQLError(originalError.message, { originalError, extensions: { http: { status: 400 } } });
          }
        },
      };
    },
  };
}

/** Gives an error of graphql-js the code that it has over HTTP. */
function withCode<E>(error: E, code: string): E {
  if (error instanceof GraphQLError) Object.assign(error.extensions, { code });
  return error;
}

function parseSource(source: string): DocumentNode {
  try {
    return parse(source);
  } catch (error) {
    throw withCode(error, "GRAPHQL_PARSE_FAILED");
  }
}

/** Parses a document that arrived over a websocket or for a stream; throws `TOO_COMPLEX` beyond the limits. */
export function parseAndLimit(source: string, input: CostInput): DocumentNode {
  validateSourceLength(source);
  const document = parseSource(source);
  validateCost(document, input);
  return document;
}

/** The ways in which such a document does not match the schema. */
export function findValidationErrors(schema: GraphQLSchema, document: DocumentNode): GraphQLError[] {
  return validate(schema, document).map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED"));
}
