import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { defineStage } from "../domain/promotion/define-stage.ts";
import { listStages } from "../domain/promotion/list-stages.ts";
import { Artifact } from "../model/artifact.ts";
import { DateTime } from "../model/scalars.ts";
import { DefineStageInput, Stage, StageChange, StageHolder, StagePayload } from "../model/stage.ts";
import type { Context } from "./context.ts";

@Resolver(() => Stage)
export class StageResolver {
  @Query(() => [Stage], {
    description: "The stages of a project: `staging`, `production`, `archived`, then its own by name.",
  })
  stages(
    @Arg("project", () => String, { description: "Name of the project." }) project: string,
    @Arg("asOf", () => DateTime, {
      nullable: true,
      description: "Show who held the stages at this time, which cannot be in the future; omit for now.",
    })
    asOf: number | null,
    @Ctx() context: Context,
  ) {
    return listStages(context, project, asOf);
  }

  @Mutation(() => StagePayload, { description: "Adds a stage to a project, or changes one." })
  defineStage(@Arg("input", () => DefineStageInput) input: DefineStageInput, @Ctx() context: Context) {
    return defineStage(context, input);
  }

  @FieldResolver(() => [StageHolder], {
    description: "Versions in the stage, by artifact, newest first.",
  })
  holders(
    @Root() { projectName: project, name: stage, asOf }: Stage,
    @Arg("artifact", () => String, {
      nullable: true,
      description: "Only versions of the artifact with this name; omit for all artifacts.",
    })
    artifact: string | null,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.stageHolders.load({ project, stage, artifact: artifact ?? null, asOf });
  }

  @FieldResolver(() => [StageChange], { description: "Changes of the stage's rules, newest first." })
  changes(
    @Root() { projectName: project, name: stage }: Stage,
    @Arg("first", () => Int, { defaultValue: 50, description: "Maximum number of changes, up to 500." }) first: number,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.stageChanges.load({ project, stage, first });
  }
}

@Resolver(() => StageHolder)
export class StageHolderResolver {
  @FieldResolver(() => Artifact, { description: "The artifact that it is a version of." })
  artifact(@Root() { version }: StageHolder, @Ctx() { loaders }: Context) {
    return loaders.at(version).artifacts.load(version.artifactKey);
  }
}
