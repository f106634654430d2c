import type DataLoader from "dataloader";
import { authorizeEntity, type Entity, getProjectName } from "../domain/core/entities.ts";
import { type Actor, authorize, may } from "../domain/core/permissions.ts";
import { artifactKey } from "../domain/core/version-uri.ts";
import type { Artifact } from "../model/artifact.ts";
import { Run } from "../model/execution.ts";
import type { Project } from "../model/project.ts";

interface Loaders {
  entities: DataLoader<string, Entity | null>;
  projects: DataLoader<string, Project | null>;
  artifacts: DataLoader<string, Artifact | null>;
}

/** Creates lookups of entities by what identifies them, as far as the actor may read them. */
export function createEntityLookups(actor: Actor, loaders: Loaders) {
  return {
    /** Any entity by its id, null if there is none; rejects with `FORBIDDEN` if the actor may not read it. */
    async anyEntity(id: string): Promise<Entity | null> {
      const entity = await loaders.entities.load(id);
      if (entity) authorizeEntity(actor, entity);
      return entity;
    },
    /** A run by its id, null if there is none; rejects with `FORBIDDEN` if the actor may not read it. */
    async run(id: string): Promise<Run | null> {
      const entity = await loaders.entities.load(id);
      if (!(entity instanceof Run)) return null;
      authorizeEntity(actor, entity);
      return entity;
    },
    /** A project by its name, null if there is none; rejects with `FORBIDDEN` if the actor may not read it, whether or not it exists. */
    async project(name: string): Promise<Project | null> {
      authorize(actor, "project:read", name);
      return loaders.projects.load(name);
    },
    /** An artifact by project and name, null if there is none; rejects with `FORBIDDEN` if the actor may not read the project. */
    async artifact(project: string, name: string): Promise<Artifact | null> {
      authorize(actor, "project:read", project);
      return loaders.artifacts.load(artifactKey(project, name));
    },
    /** An entity by an id that this request found in the graph; rejects with `FORBIDDEN` if the actor may not read it. */
    async entity<T extends Entity>(id: string, noun: new () => T): Promise<T> {
      const entity = await loaders.entities.load(id);
      if (!(entity instanceof noun)) throw new Error(`${noun.name} ${id} has disappeared during the request`);
      authorize(actor, "project:read", getProjectName(entity));
      return entity;
    },
    /** An entity by an optional id; null without an id, if the actor may not read it, and if it did not exist at the time in question. */
    async entityOrNull<T extends Entity>(id: string | null, noun: new () => T): Promise<T | null> {
      const entity = id ? await loaders.entities.load(id) : null;
      return entity instanceof noun && may(actor, "project:read", getProjectName(entity)) ? entity : null;
    },
  };
}
