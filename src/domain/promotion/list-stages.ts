import type { Stage } from "../../model/stage.ts";
import { validateAsOf } from "../core/as-of.ts";
import type { RequestContext } from "../core/context.ts";
import { authorize } from "../core/permissions.ts";
import { findStages, toStage } from "./stages.ts";

/**
 * The stages of a project as they are defined now. With `asOf`, in milliseconds, their holders will be those of that time, which must not be in
 * the future.
 */
export async function listStages(
  context: RequestContext,
  project: string,
  asOf: number | null | undefined,
): Promise<Stage[]> {
  authorize(context.actor, "project:read", project);
  const time = validateAsOf(context.ports, asOf);
  const stages = await findStages(context.ports.graph.read, project);
  return [...stages.values()].map((rules) => toStage(project, rules, time));
}
