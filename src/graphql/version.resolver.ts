import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { toEntries } from "../domain/core/metadata.ts";
import { getContentType } from "../domain/files/content-types.ts";
import { getFileUrl } from "../domain/files/file-urls.ts";
import { getPreviewUrl } from "../domain/files/previews.ts";
import { consumers, producers } from "../domain/query/relations.ts";
import { findVersion } from "../domain/references/find-version.ts";
import { listVersions } from "../domain/versions/list-versions.ts";
import { logVersion } from "../domain/versions/log-version.ts";
import { updateVersion } from "../domain/versions/update-version.ts";
import { Artifact } from "../model/artifact.ts";
import { PageArgs } from "../model/connection.ts";
import { ExecutionSlotConnection } from "../model/execution.ts";
import { VersionFilter } from "../model/filters.ts";
import { VersionOrder } from "../model/order.ts";
import { asOfDescription, DateTime, VersionRef } from "../model/scalars.ts";
import { LogVersionInput, UpdateVersionInput } from "../model/version.input.ts";
import {
  File,
  KeyValue,
  Link,
  LogVersionPayload,
  MetadataEntry,
  Version,
  VersionConnection,
  VersionPayload,
} from "../model/version.ts";
import type { Context } from "./context.ts";

@Resolver(() => Version)
export class VersionResolver {
  @Mutation(() => VersionPayload, {
    description:
      "Changes a version's description, name, tags, labels and metadata. Its files, location and number never change.",
  })
  updateVersion(@Arg("input", () => UpdateVersionInput) input: UpdateVersionInput, @Ctx() context: Context) {
    return updateVersion(context, input);
  }

  @Query(() => Version, {
    nullable: true,
    description: "The version that a reference names; null, with an error, if there is none.",
  })
  version(
    @Arg("ref", () => VersionRef, { description: "The version." }) ref: string,
    @Arg("asOf", () => DateTime, { nullable: true, description: asOfDescription }) asOf: number | null,
    @Ctx() context: Context,
  ) {
    return findVersion(context, ref, asOf);
  }

  @Query(() => VersionConnection, {
    description:
      "Versions that match the filter, newest first unless `orderBy` is given. Only READY ones unless the filter has a `state` condition.",
  })
  versions(
    @Arg("filter", () => VersionFilter, {
      nullable: true,
      description: "Which versions to list; omit for all READY ones that you may read.",
    })
    filter: VersionFilter | null,
    @Arg("orderBy", () => [VersionOrder], {
      nullable: true,
      description: "Up to 10 sort terms, most important first. Default: newest first.",
    })
    orderBy: VersionOrder[] | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ) {
    return listVersions(context, filter, orderBy, page);
  }

  @Mutation(() => LogVersionPayload, {
    description: "Logs a version. Creates the artifact and the project if they are missing.",
  })
  logVersion(@Arg("input", () => LogVersionInput) input: LogVersionInput, @Ctx() context: Context) {
    return logVersion(context, input);
  }

  @FieldResolver(() => Artifact, { description: "The artifact that it is a version of." })
  artifact(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).artifacts.load(version.artifactKey);
  }

  @FieldResolver(() => [MetadataEntry], { description: "Single values of the metadata, by key." })
  entries(@Root() version: Version): MetadataEntry[] {
    return toEntries(version.metadata);
  }

  @FieldResolver(() => [String], { description: "Tags, in alphabetical order." })
  tags(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).tags.load(version.id);
  }

  @FieldResolver(() => [KeyValue], { description: "Labels, by key." })
  labels(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.labels.load(version.id);
  }

  @FieldResolver(() => [String], { description: "Aliases that point to it, in alphabetical order." })
  aliases(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).aliases.load(version.id);
  }

  @FieldResolver(() => String, { nullable: true, description: "Name of the stage it is in; null if none." })
  stage(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).stages.load(version.id);
  }

  @FieldResolver(() => Boolean, {
    description: "Whether it is the newest version of its artifact that has not been deleted.",
  })
  async isLatest(@Root() version: Version, @Ctx() { loaders }: Context) {
    return (await loaders.at(version).latest.load(version.artifactKey))?.id === version.id;
  }

  @FieldResolver(() => [File], { description: "Files, by path." })
  async files(@Root() version: Version, @Ctx() { loaders }: Context): Promise<File[]> {
    const files = await loaders.files.load(version.id);
    return files.map(({ path, digest, size }) => ({
      path,
      digest,
      size,
      contentType: getContentType(path),
      url: getFileUrl(version.id, path),
      previewUrl: getPreviewUrl(version.id, path),
    }));
  }

  @FieldResolver(() => [Link], { description: "Links to other versions." })
  links(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).links.load(version.id);
  }

  @FieldResolver(() => ExecutionSlotConnection, { description: "Runs and steps that produced it, oldest first." })
  producers(@Root() version: Version, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(version).related(producers, version.id, page);
  }

  @FieldResolver(() => ExecutionSlotConnection, { description: "Runs and steps that read it, oldest first." })
  consumers(@Root() version: Version, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(version).related(consumers, version.id, page);
  }

  @FieldResolver(() => String, {
    description:
      "Path on this service to a zip of all files. Replace `.zip` by `.tar` for a tar archive; add `?path=` for one directory.",
  })
  archiveUrl(@Root() version: Version): string {
    return `/versions/${version.id}/archive.zip`;
  }

  @FieldResolver(() => String, {
    description:
      "Path on this service to a JSON document of everything known about the version. Replace `.json` by `.yaml` for YAML.",
  })
  metadataUrl(@Root() version: Version): string {
    return `/versions/${version.id}/metadata.json`;
  }
}
