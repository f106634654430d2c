import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { logMetrics } from "../domain/runs/log-metrics.ts";
import { PageArgs } from "../model/connection.ts";
import { Execution, ExecutionPayload } from "../model/execution.ts";
import { LogMetricsInput, MetricPointConnection } from "../model/metric.ts";
import type { Context } from "./context.ts";

@Resolver(() => Execution)
export class MetricResolver {
  @Mutation(() => ExecutionPayload, { description: "Logs values of a run's or step's metrics: all of them, or none." })
  logMetrics(@Arg("input", () => LogMetricsInput) input: LogMetricsInput, @Ctx() context: Context) {
    return logMetrics(context, input);
  }

  @FieldResolver(() => MetricPointConnection, {
    description:
      "The values of a metric over time, oldest first: by time, then step, then as they were logged. One that was published with the execution is its first.",
  })
  metricHistory(
    @Root() execution: Execution,
    @Arg("key", () => String, { description: "The metric's name." }) key: string,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.metricHistory(execution, key, page);
  }
}
