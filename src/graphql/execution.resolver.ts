import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { toRelatedRun, toRelatedSlot, toRelatedStep } from "../domain/query/connection-rows.ts";
import { endExecution } from "../domain/runs/end-execution.ts";
import { listRuns } from "../domain/runs/list-runs.ts";
import { publishRun } from "../domain/runs/publish-run.ts";
import { recordLineage } from "../domain/runs/record-lineage.ts";
import { startRun } from "../domain/runs/start-run.ts";
import { startStep } from "../domain/runs/start-step.ts";
import { updateExecution } from "../domain/runs/update-execution.ts";
import { PageArgs } from "../model/connection.ts";
import {
  EndExecutionInput,
  PublishRunInput,
  RecordLineageInput,
  StartRunInput,
  StartStepInput,
  UpdateExecutionInput,
} from "../model/execution.input.ts";
import {
  Execution,
  ExecutionPayload,
  PublishRunPayload,
  Run,
  RunConnection,
  RunPayload,
  SlotConnection,
  Step,
  StepConnection,
  StepPayload,
} from "../model/execution.ts";
import { RunFilter } from "../model/filters.ts";
import { RunOrder } from "../model/order.ts";
import { Project } from "../model/project.ts";
import type { Context } from "./context.ts";

@Resolver(() => Execution)
export class ExecutionResolver {
  @Mutation(() => PublishRunPayload, {
    description: "Publishes a whole run with its steps, inputs and outputs, or nothing at all.",
  })
  publishRun(@Arg("input", () => PublishRunInput) input: PublishRunInput, @Ctx() context: Context) {
    return publishRun(context, input);
  }

  @Mutation(() => StepPayload, { description: "Starts a step of a run." })
  startStep(@Arg("input", () => StartStepInput) input: StartStepInput, @Ctx() context: Context) {
    return startStep(context, input);
  }

  @Mutation(() => ExecutionPayload, { description: "Changes a run or step; with the id alone it is a heartbeat." })
  updateExecution(@Arg("input", () => UpdateExecutionInput) input: UpdateExecutionInput, @Ctx() context: Context) {
    return updateExecution(context, input);
  }

  @Mutation(() => ExecutionPayload, { description: "Ends a run or step." })
  endExecution(@Arg("input", () => EndExecutionInput) input: EndExecutionInput, @Ctx() context: Context) {
    return endExecution(context, input);
  }

  @Mutation(() => ExecutionPayload, {
    description: "Records what a run or step read and made, of versions that are there.",
  })
  recordLineage(@Arg("input", () => RecordLineageInput) input: RecordLineageInput, @Ctx() context: Context) {
    return recordLineage(context, input);
  }

  @FieldResolver(() => [String], { description: "Its tags, alphabetically." })
  tags(@Root() execution: Execution, @Ctx() { loaders }: Context) {
    return loaders.at(execution).tags.load(execution.id);
  }

  @FieldResolver(() => SlotConnection, {
    description: "What it read, in the order recorded; what you may not read is left out.",
  })
  inputs(@Root() execution: Execution, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(execution).related("inputs", execution.id, page, toRelatedSlot);
  }

  @FieldResolver(() => SlotConnection, {
    description: "What it made, in the order recorded; what you may not read is left out.",
  })
  outputs(@Root() execution: Execution, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(execution).related("outputs", execution.id, page, toRelatedSlot);
  }
}

@Resolver(() => Run)
export class RunResolver {
  @Query(() => Run, { nullable: true, description: "A run by its id; null when there is none." })
  run(@Arg("id", () => ID) id: string, @Ctx() { loaders }: Context) {
    return loaders.run(id);
  }

  @Query(() => RunConnection, { description: "Runs that fit, newest first." })
  runs(
    @Arg("filter", () => RunFilter, { nullable: true }) filter: RunFilter | null,
    @Arg("orderBy", () => [RunOrder], { nullable: true }) order: RunOrder[] | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ) {
    return listRuns(context, filter, order, page);
  }

  @Mutation(() => RunPayload, { description: "Starts a run; its project is created when missing." })
  startRun(@Arg("input", () => StartRunInput) input: StartRunInput, @Ctx() context: Context) {
    return startRun(context, input);
  }

  @FieldResolver(() => Project, { description: "The project that it belongs to." })
  project(@Root() run: Run, @Ctx() { loaders }: Context) {
    return loaders.projects.load(run.projectName);
  }

  @FieldResolver(() => Run, { nullable: true, description: "The run that it is a child of." })
  parent(@Root() run: Run, @Ctx() { loaders }: Context) {
    return loaders.at(run).thingOrNull(run.parentId, Run);
  }

  @FieldResolver(() => RunConnection, { description: "The runs that are its children, oldest first." })
  children(@Root() run: Run, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(run).related("children", run.id, page, toRelatedRun);
  }

  @FieldResolver(() => StepConnection, { description: "Its steps, in the order recorded." })
  steps(@Root() run: Run, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(run).related("steps", run.id, page, toRelatedStep);
  }
}

@Resolver(() => Step)
export class StepResolver {
  @FieldResolver(() => Run, { description: "The run that it is a step of." })
  run(@Root() step: Step, @Ctx() { loaders }: Context) {
    return loaders.at(step).thing(step.runId, Run);
  }

  @FieldResolver(() => Step, { nullable: true, description: "The step whose outputs it took over." })
  cachedFrom(@Root() step: Step, @Ctx() { loaders }: Context) {
    return loaders.at(step).thingOrNull(step.cachedFromId, Step);
  }
}
