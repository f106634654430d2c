import { coerceInputValue, type GraphQLSchema, isInputObjectType } from "graphql";
import { invalid } from "../domain/core/errors.ts";
import type { LogVersionInput } from "../model/version.input.ts";

/** An input path as text, such as `files[0].path`; `version` for the whole input. */
function toFieldPath(path: readonly (string | number)[]): string {
  return (
    path
      .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
      .join("")
      .replace(/^\./, "") || "version"
  );
}

/** Creates a function that reads JSON as a variable of type `LogVersionInput`; it throws `INVALID_INPUT` for JSON of another shape. */
export function createVersionInputReader(schema: GraphQLSchema) {
  const type = schema.getType("LogVersionInput");
  if (!isInputObjectType(type)) throw new Error("the schema has no LogVersionInput");
  return (json: unknown): LogVersionInput => {
    const fail = (path: readonly (string | number)[], _value: unknown, error: Error): never => {
      throw invalid(toFieldPath(path), error.message);
    };
    return coerceInputValue(json, type, fail) as LogVersionInput; // graphql-js types the result as unknown
  };
}
