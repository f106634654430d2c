import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { toEntries } from "../domain/core/metadata.ts";
import { getContentType } from "../domain/files/content-types.ts";
import { getFileUrl } from "../domain/files/file-urls.ts";
import { getPreviewUrl } from "../domain/files/previews.ts";
import { toRelatedExecution } from "../domain/query/connection-rows.ts";
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
  @Mutation(() => VersionPayload, { description: "Changes what may change of a version; its bytes never do." })
  updateVersion(@Arg("input", () => UpdateVersionInput) input: UpdateVersionInput, @Ctx() context: Context) {
    return updateVersion(context, input);
  }

  @Query(() => Version, {
    nullable: true,
    description: "The version that a reference names; null, with the error, when there is none.",
  })
  version(
    @Arg("ref", () => VersionRef) ref: string,
    @Arg("asOf", () => DateTime, { nullable: true, description: asOfDescription }) asOf: number | null,
    @Ctx() context: Context,
  ) {
    return findVersion(context, ref, asOf);
  }

  @Query(() => VersionConnection, {
    description: "Versions that fit, newest first; only READY ones unless the filter speaks of the state.",
  })
  versions(
    @Arg("filter", () => VersionFilter, { nullable: true }) filter: VersionFilter | null,
    @Arg("orderBy", () => [VersionOrder], { nullable: true }) orderBy: VersionOrder[] | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ) {
    return listVersions(context, filter, orderBy, page);
  }

  @Mutation(() => LogVersionPayload, {
    description: "Logs a version: the artifact, and its project, are created when missing.",
  })
  logVersion(@Arg("input", () => LogVersionInput) input: LogVersionInput, @Ctx() context: Context) {
    return logVersion(context, input);
  }

  @FieldResolver(() => Artifact, { description: "The artifact that it is a version of." })
  artifact(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).artifacts.load(version.artifactKey);
  }

  @FieldResolver(() => [MetadataEntry], { description: "The leaves of its metadata, by key." })
  entries(@Root() version: Version): MetadataEntry[] {
    return toEntries(version.metadata);
  }

  @FieldResolver(() => [String], { description: "Its tags, alphabetically." })
  tags(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).tags.load(version.id);
  }

  @FieldResolver(() => [KeyValue], { description: "Its labels, by key." })
  labels(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.labels.load(version.id);
  }

  @FieldResolver(() => [String], { description: "The aliases that point to it, alphabetically." })
  aliases(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).aliases.load(version.id);
  }

  @FieldResolver(() => String, { nullable: true, description: "The stage that it is in, one at a time." })
  stage(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).stages.load(version.id);
  }

  @FieldResolver(() => Boolean, { description: "Whether it is the newest of its artifact that is there." })
  async isLatest(@Root() version: Version, @Ctx() { loaders }: Context) {
    return (await loaders.at(version).latest.load(version.artifactKey))?.id === version.id;
  }

  @FieldResolver(() => [File], { description: "Its files, by path." })
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

  @FieldResolver(() => [Link], { description: "Its links to other versions." })
  links(@Root() version: Version, @Ctx() { loaders }: Context) {
    return loaders.at(version).links.load(version.id);
  }

  @FieldResolver(() => ExecutionSlotConnection, { description: "The runs and steps that made it, oldest first." })
  producers(@Root() version: Version, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(version).related("producers", version.id, page, toRelatedExecution);
  }

  @FieldResolver(() => ExecutionSlotConnection, { description: "The runs and steps that read it, oldest first." })
  consumers(@Root() version: Version, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(version).related("consumers", version.id, page, toRelatedExecution);
  }

  @FieldResolver(() => String, {
    description: "Its files in one zip: a path on this service; `.tar` is there too, and `?path=` for one directory.",
  })
  archiveUrl(@Root() version: Version): string {
    return `/versions/${version.id}/archive.zip`;
  }

  @FieldResolver(() => String, {
    description: "All that is known of it as one document: a path on this service; `.yaml` is there too.",
  })
  metadataUrl(@Root() version: Version): string {
    return `/versions/${version.id}/metadata.json`;
  }
}
