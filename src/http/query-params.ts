import { invalid } from "../domain/core/errors.ts";

/** The project of `?project=<name>`, which is wanted once. */
export function requireProject(query: unknown): string {
  const { project } = query as { project?: unknown };
  if (typeof project !== "string") throw invalid("project", "wanted once in the query: ?project=<name>");
  return project;
}
