import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { findArtifact } from "../domain/artifacts/find-artifact.ts";
import { countKinds, listArtifacts } from "../domain/artifacts/list-artifacts.ts";
import { updateArtifact } from "../domain/artifacts/update-artifact.ts";
import { aliasHistory, versions } from "../domain/query/relations.ts";
import { AliasChangeConnection } from "../model/alias.ts";
import {
  AliasHolder,
  Artifact,
  ArtifactConnection,
  ArtifactPayload,
  KindCount,
  UpdateArtifactInput,
} from "../model/artifact.ts";
import { type Connection, PageArgs } from "../model/connection.ts";
import { ArtifactFilter } from "../model/filters.ts";
import { ArtifactOrder } from "../model/order.ts";
import { Project } from "../model/project.ts";
import { Version, VersionConnection } from "../model/version.ts";
import type { Context } from "./context.ts";

@Resolver(() => Artifact)
export class ArtifactResolver {
  @Mutation(() => ArtifactPayload, { description: "Changes an artifact's description and tags." })
  updateArtifact(@Arg("input", () => UpdateArtifactInput) input: UpdateArtifactInput, @Ctx() context: Context) {
    return updateArtifact(context, input);
  }

  @Query(() => Artifact, { nullable: true, description: "An artifact by project and name; null if there is none." })
  artifact(
    @Arg("project", () => String, { description: "Name of the project." }) project: string,
    @Arg("name", () => String, { description: "Name of the artifact." }) name: string,
    @Ctx() context: Context,
  ) {
    return findArtifact(context, context.loaders.artifacts, project, name);
  }

  @Query(() => ArtifactConnection, {
    description: "Artifacts that match the filter, newest first unless `orderBy` is given.",
  })
  async artifacts(
    @Arg("filter", () => ArtifactFilter, {
      nullable: true,
      description: "Which artifacts to list; omit for all that you may read.",
    })
    filter: ArtifactFilter | null,
    @Arg("orderBy", () => [ArtifactOrder], {
      nullable: true,
      description: "Up to 10 sort terms, most important first. Default: newest first.",
    })
    orderBy: ArtifactOrder[] | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ) {
    return { ...(await listArtifacts(context, filter, orderBy, page)), filter };
  }

  @FieldResolver(() => Project, { description: "The project it belongs to." })
  project(@Root() artifact: Artifact, @Ctx() { loaders }: Context) {
    return loaders.projects.load(artifact.projectName);
  }

  @FieldResolver(() => [String], { description: "Tags, in alphabetical order." })
  tags(@Root() artifact: Artifact, @Ctx() { loaders }: Context) {
    return loaders.at(artifact).tags.load(artifact.id);
  }

  @FieldResolver(() => Version, {
    nullable: true,
    description: "The newest version that has not been deleted; null if there is none.",
  })
  latest(@Root() artifact: Artifact, @Ctx() { loaders }: Context) {
    return loaders.at(artifact).latest.load(artifact.key);
  }

  @FieldResolver(() => VersionConnection, { description: "Versions that have not been deleted, newest first." })
  versions(@Root() artifact: Artifact, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(artifact).related(versions, artifact.key, page);
  }

  @FieldResolver(() => [AliasHolder], { description: "Aliases and the versions they point to, in alphabetical order." })
  aliases(@Root() artifact: Artifact, @Ctx() { loaders }: Context) {
    return loaders.at(artifact).holders.load(artifact.key);
  }

  @FieldResolver(() => AliasChangeConnection, { description: "Moves of its aliases, newest first." })
  aliasHistory(
    @Root() artifact: Artifact,
    @Arg("alias", () => String, { nullable: true, description: "Only moves of this alias; omit for all aliases." })
    alias: string | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.at(artifact).related(aliasHistory, artifact.key, { ...page, alias });
  }
}

@Resolver(() => ArtifactConnection)
export class ArtifactConnectionResolver {
  @FieldResolver(() => [KindCount], { description: "Number of matching artifacts of each kind, on all pages." })
  groups(@Root() page: Connection<Artifact> & { filter?: ArtifactFilter | null }, @Ctx() context: Context) {
    return countKinds(context, page.filter);
  }
}
