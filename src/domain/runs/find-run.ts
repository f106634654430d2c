import { Run } from "../../model/execution.ts";
import type { Loader, RequestContext } from "../core/context.ts";
import { authorizeEntity, type Entity } from "../core/entities.ts";

/** Finds a run by id; null if there is none, `FORBIDDEN` if the actor may not read it. */
export async function findRun(
  { actor }: Pick<RequestContext, "actor">,
  entities: Loader<Entity | null>,
  id: string,
): Promise<Run | null> {
  const entity = await entities.load(id);
  if (!(entity instanceof Run)) return null;
  authorizeEntity(actor, entity);
  return entity;
}
