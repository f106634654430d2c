import { invalid } from "../domain/core/errors.ts";

/** The project of `?project=<name>`, which is wanted once. */
export function projectOf(query: unknown): string {
  const { project } = query as { project?: unknown };
  if (typeof project !== "string") throw invalid("project", "wanted once in the query: ?project=<name>");
  return project;
}
