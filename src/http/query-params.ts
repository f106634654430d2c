import { invalid } from "../domain/core/errors.ts";
import { isRecord } from "../lib/is-record.ts";

/** The value of a query parameter, undefined when it is absent; `INVALID_INPUT` when it is given more than once. */
export function getQueryParam(query: unknown, name: string): string | undefined {
  const value = isRecord(query) ? query[name] : undefined;
  if (value !== undefined && typeof value !== "string") throw invalid(name, "must be given at most once in the query");
  return value;
}

/** The value of `?project=<name>`; `INVALID_INPUT` when it is missing or given more than once. */
export function requireProject(query: unknown): string {
  const project = isRecord(query) ? query.project : undefined;
  if (typeof project !== "string") throw invalid("project", "must be given once in the query: ?project=<name>");
  return project;
}
