import { coerceInputValue, type GraphQLSchema, isInputObjectType } from "graphql";
import { invalid } from "../domain/core/errors.ts";
import type { LogVersionInput } from "../model/version.input.ts";

function fieldOf(path: readonly (string | number)[]): string {
  return (
    path
      .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
      .join("")
      .replace(/^\./, "") || "version"
  );
}

/** Takes JSON for `LogVersionInput` as a variable of that type would be taken; what doesn't fit is `INVALID_INPUT`. */
export function versionInputReader(schema: GraphQLSchema) {
  const type = schema.getType("LogVersionInput");
  if (!isInputObjectType(type)) throw new Error("the schema has no LogVersionInput");
  return (json: unknown): LogVersionInput => {
    const refuse = (path: readonly (string | number)[], _value: unknown, error: Error): never => {
      throw invalid(fieldOf(path), error.message);
    };
    return coerceInputValue(json, type, refuse) as LogVersionInput;
  };
}
