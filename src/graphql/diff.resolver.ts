import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { diffLineage } from "../domain/lineage/diff-lineage.ts";
import { diffVersions } from "../domain/lineage/diff-versions.ts";
import { Artifact } from "../model/artifact.ts";
import { LineageChanges, Moved, VersionDiff } from "../model/diff.ts";
import { VersionRef } from "../model/scalars.ts";
import type { Context } from "./context.ts";

@Resolver(() => VersionDiff)
export class DiffResolver {
  @Query(() => VersionDiff, {
    nullable: true,
    description: "How two versions differ, left against right; null, with the error, when a reference fails.",
  })
  diff(
    @Arg("left", () => VersionRef) left: string,
    @Arg("right", () => VersionRef) right: string,
    @Ctx() context: Context,
  ) {
    return diffVersions(context, { left, right });
  }

  @FieldResolver(() => LineageChanges, { description: "How what lies upstream of them differs." })
  lineage(@Root() { leftId, rightId }: VersionDiff, @Ctx() context: Context) {
    return diffLineage(context, leftId, rightId);
  }
}

@Resolver(() => Moved)
export class MovedResolver {
  @FieldResolver(() => Artifact, { description: "The artifact that both are versions of." })
  artifact(@Root() { left }: Moved, @Ctx() { loaders }: Context) {
    return loaders.artifacts.load(left.artifactKey);
  }
}
