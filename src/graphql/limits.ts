import type { ApolloServerPlugin } from "@apollo/server";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Lexer,
  OperationTypeNode,
  parse,
  Source,
  TokenKind,
  validate,
} from "graphql";
import { DomainError, invalid } from "../domain/core/errors.ts";
import { countNesting } from "../lib/nesting.ts";
import { type CostInput, measureCost } from "./cost.ts";

/**
 * Maxima of a request: characters of a document, its brackets within brackets, its fragments, depth and fields with fragments expanded, and items of
 * its pages if all of them are full (nested pages multiply); levels of lists and objects in variables.
 */
const limits = {
  characters: 100_000,
  brackets: 100,
  fragments: 500,
  depth: 30,
  fields: 5_000,
  items: 1_000_000,
  variableLevels: 100,
};

function tooComplex(what: string, actual: number, limit: number, instead = "split it into several requests") {
  return new DomainError("TOO_COMPLEX", `${what} ${actual} exceeds the limit of ${limit}; ${instead}`, {
    limit,
    actual,
  });
}

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Counts the deepest brackets and the fragments of a document, as far as its text has valid tokens: the parser rejects the rest. */
function measureSource(text: string): { brackets: number; fragments: number } {
  const lexer = new Lexer(new Source(text));
  let [open, brackets, fragments] = [0, 0, 0];
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      if (opening.has(token.kind)) brackets = Math.max(brackets, ++open);
      else if (closing.has(token.kind)) open--;
      else if (open === 0 && token.value === "fragment") fragments++;
    }
  } catch {
    // The parser says what is wrong.
  }
  return { brackets, fragments };
}

/** Whether a text has so many brackets that they could be nested too deep; most documents don't, and need not be measured. */
function hasManyBrackets(text: string): boolean {
  let count = 0;
  for (const _ of text.matchAll(/[[{(]/g)) if (++count > limits.brackets) return true;
  return false;
}

/** Throws `TOO_COMPLEX` for a document that is too long to be parsed, or too deep: parsing and validation are recursive. */
function validateSource(source: string): void {
  if (source.length > limits.characters) throw tooComplex("query length", source.length, limits.characters);
  if (!hasManyBrackets(source)) return;
  const { brackets, fragments } = measureSource(source);
  if (brackets > limits.brackets) throw tooComplex("nesting of brackets", brackets, limits.brackets);
  if (fragments > limits.fragments) throw tooComplex("number of fragments", fragments, limits.fragments);
}

/** Whether a value has more levels of lists and objects than recursive code may be given. */
export function isNestedTooDeep(value: unknown): boolean {
  return countNesting(value, limits.variableLevels) > limits.variableLevels;
}

/** Throws `TOO_COMPLEX` for variables that are nested too deep: their coercion is recursive. Also takes the body that holds them. */
function validateNesting(value: unknown): void {
  const levels = countNesting(value, limits.variableLevels);
  if (levels > limits.variableLevels)
    throw tooComplex("nesting of variables", levels, limits.variableLevels, "use fewer levels");
}

/** What a client sent, before anything looks at it more closely. */
export interface RawRequest {
  query?: unknown;
  /** An object, or its JSON in the query of a GET. */
  variables?: unknown;
}

function parseVariables(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // rejected by the protocol
  }
}

/** Throws `TOO_COMPLEX` for a request that can't be parsed or coerced safely. */
export function validateRequest(request: RawRequest): void {
  const { query, variables } = request;
  if (typeof query === "string") validateSource(query);
  validateNesting(typeof variables === "string" ? parseVariables(variables) : request);
}

/** Throws `TOO_COMPLEX` for a document that is too deep, has too many fields, or whose pages could hold too many items. */
function validateCost(document: DocumentNode, input: CostInput): void {
  const instead = "use smaller pages inside of pages, or split it into several requests";
  for (const { fields, depth, items } of measureCost(document, input)) {
    if (depth > limits.depth) throw tooComplex("query depth", depth, limits.depth);
    if (fields > limits.fields) throw tooComplex("number of fields", fields, limits.fields);
    if (items > limits.items)
      throw tooComplex("number of items on full pages and of full walks", items, limits.items, instead);
  }
}

function subscriptionOverHttp(): DomainError {
  const ways = "a websocket (graphql-transport-ws) on /graphql, or Server-Sent Events (accept: text/event-stream)";
  return invalid("query", `a subscription has more than one result; use ${ways}`);
}

/** Rejects documents that are too complex, and subscriptions, which have no single answer. Their length and nesting are validated before Apollo gets them. */
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
  validateRequest({ query: source, variables: input.variables });
  const document = parseSource(source);
  validateCost(document, input);
  return document;
}

/** The ways in which such a document does not match the schema. */
export function findValidationErrors(schema: GraphQLSchema, document: DocumentNode): GraphQLError[] {
  return validate(schema, document).map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED"));
}
