import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { defineStage } from "../domain/promotion/define-stage.ts";
import { listStages } from "../domain/promotion/list-stages.ts";
import { Artifact } from "../model/artifact.ts";
import { DateTime } from "../model/scalars.ts";
import { DefineStageInput, Stage, StageHolder, StagePayload } from "../model/stage.ts";
import type { Context } from "./context.ts";

@Resolver(() => Stage)
export class StageResolver {
  @Query(() => [Stage], { description: "The stages of a project; with `asOf` who held them then." })
  stages(
    @Arg("project", () => String) project: string,
    @Arg("asOf", () => DateTime, { nullable: true }) asOf: number | null,
    @Ctx() context: Context,
  ) {
    return listStages(context, project, asOf);
  }

  @Mutation(() => StagePayload, { description: "Adds a stage to a project, or changes one." })
  defineStage(@Arg("input", () => DefineStageInput) input: DefineStageInput, @Ctx() context: Context) {
    return defineStage(context, input);
  }

  @FieldResolver(() => [StageHolder], {
    description: "The versions in it, by artifact, newest first; of one artifact alone when it is named.",
  })
  holders(
    @Root() { projectName: project, name: stage, asOf }: Stage,
    @Arg("artifact", () => String, { nullable: true }) artifact: string | null,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.stageHolders.load({ project, stage, artifact: artifact ?? null, asOf });
  }
}

@Resolver(() => StageHolder)
export class StageHolderResolver {
  @FieldResolver(() => Artifact, { description: "The artifact that it is a version of." })
  artifact(@Root() { version }: StageHolder, @Ctx() { loaders }: Context) {
    return loaders.at(version).artifacts.load(version.artifactKey);
  }
}
