import type DataLoader from "dataloader";
import { authorizeEntity, type Entity, getProjectName } from "../domain/core/entities.ts";
import { type Actor, authorize, may } from "../domain/core/permissions.ts";
import { artifactKey } from "../domain/core/version-uri.ts";
import type { Artifact } from "../model/artifact.ts";
import { Run } from "../model/execution.ts";
import type { Project } from "../model/project.ts";

interface Loaders {
  things: DataLoader<string, Entity | null>;
  projects: DataLoader<string, Project | null>;
  artifacts: DataLoader<string, Artifact | null>;
}

/** Looks things up by what names them, as far as the actor may see them. */
export function createEntityLookups(actor: Actor, loaders: Loaders) {
  return {
    /** Anything by its id, null when there is nothing; `FORBIDDEN` when it may not be seen. */
    async anything(id: string): Promise<Entity | null> {
      const thing = await loaders.things.load(id);
      if (thing) authorizeEntity(actor, thing);
      return thing;
    },
    /** A run by its id, null when there is none; `FORBIDDEN` when it may not be seen. */
    async run(id: string): Promise<Run | null> {
      const thing = await loaders.things.load(id);
      if (!(thing instanceof Run)) return null;
      authorizeEntity(actor, thing);
      return thing;
    },
    /** A project by its name, null when there is none; `FORBIDDEN` when it may not be seen, whether it is there or not. */
    async project(name: string): Promise<Project | null> {
      authorize(actor, "project:read", name);
      return loaders.projects.load(name);
    },
    /** An artifact by project and name; likewise. */
    async artifact(project: string, name: string): Promise<Artifact | null> {
      authorize(actor, "project:read", project);
      return loaders.artifacts.load(artifactKey(project, name));
    },
    /** A thing of this request by id that must be there and readable. */
    async thing<T extends Entity>(id: string, noun: new () => T): Promise<T> {
      const thing = await loaders.things.load(id);
      if (!(thing instanceof noun)) throw new Error(`${id} has vanished`);
      authorize(actor, "project:read", getProjectName(thing));
      return thing;
    },
    /** The same where there may be none: null for what may not be read, or was not there yet. */
    async thingOrNull<T extends Entity>(id: string | null, noun: new () => T): Promise<T | null> {
      const thing = id ? await loaders.things.load(id) : null;
      return thing instanceof noun && may(actor, "project:read", getProjectName(thing)) ? thing : null;
    },
  };
}
