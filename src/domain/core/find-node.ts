import type { Loader, RequestContext } from "./context.ts";
import { authorizeEntity, type Entity } from "./entities.ts";

/** Finds any entity by id; null if there is none, `FORBIDDEN` if the actor may not see it. */
export async function findNode(
  { actor }: Pick<RequestContext, "actor">,
  entities: Loader<Entity | null>,
  id: string,
): Promise<Entity | null> {
  const entity = await entities.load(id);
  if (entity) authorizeEntity(actor, entity);
  return entity;
}
