import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { diffLineage } from "../domain/lineage/diff-lineage.ts";
import { findDiff } from "../domain/lineage/find-diff.ts";
import { Artifact } from "../model/artifact.ts";
import { LineageChanges, Moved, VersionDiff } from "../model/diff.ts";
import { VersionRef } from "../model/scalars.ts";
import type { Context } from "./context.ts";

@Resolver(() => VersionDiff)
export class DiffResolver {
  @Query(() => VersionDiff, {
    nullable: true,
    description: "How two versions differ; null, with an error, if a reference fails.",
  })
  diff(
    @Arg("left", () => VersionRef, { description: "The version to compare from." }) left: string,
    @Arg("right", () => VersionRef, { description: "The version to compare to." }) right: string,
    @Ctx() context: Context,
  ) {
    return findDiff(context, { left, right });
  }

  @FieldResolver(() => LineageChanges, {
    description:
      "Differences in what is upstream. `TOO_COMPLEX` if either side has more than 20,000 versions, runs and steps upstream.",
  })
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
