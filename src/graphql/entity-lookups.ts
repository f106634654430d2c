import type { Loader } from "../domain/core/context.ts";
import { type Entity, getProjectName } from "../domain/core/entities.ts";
import { type Actor, authorize, may } from "../domain/core/permissions.ts";

/** Creates lookups of the entities that another entity refers to by id, as far as the actor may read them. */
export function createEntityLookups(actor: Actor, entities: Loader<Entity | null>) {
  return {
    /** An entity by an id that this request found in the graph; rejects with `FORBIDDEN` if the actor may not read it. */
    async entity<T extends Entity>(id: string, noun: new () => T): Promise<T> {
      const entity = await entities.load(id);
      if (!(entity instanceof noun)) throw new Error(`${noun.name} ${id} has disappeared during the request`);
      authorize(actor, "project:read", getProjectName(entity));
      return entity;
    },
    /** An entity by an optional id; null without an id, if the actor may not read it, and if it did not exist at the time in question. */
    async entityOrNull<T extends Entity>(id: string | null, noun: new () => T): Promise<T | null> {
      const entity = id ? await entities.load(id) : null;
      return entity instanceof noun && may(actor, "project:read", getProjectName(entity)) ? entity : null;
    },
  };
}
