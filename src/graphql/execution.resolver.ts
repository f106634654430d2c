import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { children, inputs, outputs, steps } from "../domain/query/relations.ts";
import { endExecution } from "../domain/runs/end-execution.ts";
import { findRun } from "../domain/runs/find-run.ts";
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
    description: "Records a whole run with its steps, inputs and outputs, in one transaction.",
  })
  publishRun(@Arg("input", () => PublishRunInput) input: PublishRunInput, @Ctx() context: Context) {
    return publishRun(context, input);
  }

  @Mutation(() => StepPayload, { description: "Starts a step of a run." })
  startStep(@Arg("input", () => StartStepInput) input: StartStepInput, @Ctx() context: Context) {
    return startStep(context, input);
  }

  @Mutation(() => ExecutionPayload, {
    description: "Changes a run or step. With the id alone it is a heartbeat, which keeps the run from becoming STALE.",
  })
  updateExecution(@Arg("input", () => UpdateExecutionInput) input: UpdateExecutionInput, @Ctx() context: Context) {
    return updateExecution(context, input);
  }

  @Mutation(() => ExecutionPayload, { description: "Ends a run or step." })
  endExecution(@Arg("input", () => EndExecutionInput) input: EndExecutionInput, @Ctx() context: Context) {
    return endExecution(context, input);
  }

  @Mutation(() => ExecutionPayload, {
    description: "Records which existing versions a run or step read and produced.",
  })
  recordLineage(@Arg("input", () => RecordLineageInput) input: RecordLineageInput, @Ctx() context: Context) {
    return recordLineage(context, input);
  }

  @FieldResolver(() => [String], { description: "Tags, in alphabetical order." })
  tags(@Root() execution: Execution, @Ctx() { loaders }: Context) {
    return loaders.at(execution).tags.load(execution.id);
  }

  @FieldResolver(() => SlotConnection, {
    description: "Versions it read, in the order recorded; versions you may not read are omitted.",
  })
  inputs(@Root() execution: Execution, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(execution).related(inputs, execution.id, page);
  }

  @FieldResolver(() => SlotConnection, {
    description: "Versions it produced, in the order recorded; versions you may not read are omitted.",
  })
  outputs(@Root() execution: Execution, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(execution).related(outputs, execution.id, page);
  }
}

@Resolver(() => Run)
export class RunResolver {
  @Query(() => Run, { nullable: true, description: "A run by its id; null if there is none." })
  run(@Arg("id", () => ID, { description: "Id of the run." }) id: string, @Ctx() context: Context) {
    return findRun(context, context.loaders.entities, id);
  }

  @Query(() => RunConnection, { description: "Runs that match the filter, newest first unless `orderBy` is given." })
  runs(
    @Arg("filter", () => RunFilter, {
      nullable: true,
      description: "Which runs to list; omit for all that you may read.",
    })
    filter: RunFilter | null,
    @Arg("orderBy", () => [RunOrder], {
      nullable: true,
      description: "Up to 10 sort terms, most important first. Default: newest first.",
    })
    order: RunOrder[] | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ) {
    return listRuns(context, filter, order, page);
  }

  @Mutation(() => RunPayload, { description: "Starts a run. Creates the project if it is missing." })
  startRun(@Arg("input", () => StartRunInput) input: StartRunInput, @Ctx() context: Context) {
    return startRun(context, input);
  }

  @FieldResolver(() => Project, { description: "The project it belongs to." })
  project(@Root() run: Run, @Ctx() { loaders }: Context) {
    return loaders.projects.load(run.projectName);
  }

  @FieldResolver(() => Run, { nullable: true, description: "The run it is a child of; null if none." })
  parent(@Root() run: Run, @Ctx() { loaders }: Context) {
    return loaders.at(run).entityOrNull(run.parentId, Run);
  }

  @FieldResolver(() => RunConnection, { description: "Child runs, oldest first." })
  children(@Root() run: Run, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(run).related(children, run.id, page);
  }

  @FieldResolver(() => StepConnection, { description: "Steps, in the order recorded." })
  steps(@Root() run: Run, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.at(run).related(steps, run.id, page);
  }
}

@Resolver(() => Step)
export class StepResolver {
  @FieldResolver(() => Run, { description: "The run it is a step of." })
  run(@Root() step: Step, @Ctx() { loaders }: Context) {
    return loaders.at(step).entity(step.runId, Run);
  }

  @FieldResolver(() => Step, { nullable: true, description: "The step whose outputs it reused; null if none." })
  cachedFrom(@Root() step: Step, @Ctx() { loaders }: Context) {
    return loaders.at(step).entityOrNull(step.cachedFromId, Step);
  }
}
