import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { logMetrics } from "../domain/runs/log-metrics.ts";
import { PageArgs } from "../model/connection.ts";
import { Execution, ExecutionPayload } from "../model/execution.ts";
import { LogMetricsInput, MetricPointConnection } from "../model/metric.ts";
import type { Context } from "./context.ts";

@Resolver(() => Execution)
export class MetricResolver {
  @Mutation(() => ExecutionPayload, { description: "Logs values of metrics of a run or step." })
  logMetrics(@Arg("input", () => LogMetricsInput) input: LogMetricsInput, @Ctx() context: Context) {
    return logMetrics(context, input);
  }

  @FieldResolver(() => MetricPointConnection, {
    description:
      "All values of one metric, oldest first: by time, then step, then logging order. A value published with the run or step comes first.",
  })
  metricHistory(
    @Root() execution: Execution,
    @Arg("key", () => String, { description: "Name of the metric." }) key: string,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.metricHistory(execution, key, page);
  }
}
