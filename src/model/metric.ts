import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { createConnectionType } from "./connection.ts";
import { BigInteger, DateTime, Json } from "./scalars.ts";

@ObjectType({ description: "One value of a metric at a step and a time." })
export class MetricPoint {
  @Field(() => Json, {
    description:
      'A number, or `{"$type": "FLOAT", "value": ...}` for "NaN", "Infinity" and "-Infinity", or `{"$type": "INTEGER", "value": "<digits>"}`.',
  })
  value!: unknown;
  @Field(() => BigInteger, {
    description: "Training step, or another counter; 0 if none was given.",
  })
  step!: number;
  @Field(() => DateTime, { description: "When it was measured; the time of logging if none was given." })
  time!: number;
}

export const MetricPointConnection = createConnectionType<MetricPoint>("MetricPoint", () => MetricPoint);

@InputType({ description: "One value of a metric to log." })
export class MetricInput {
  @Field(() => String, { description: "Name of the metric: 1 to 500 characters." })
  key!: string;
  @Field(() => Json, {
    description:
      'A number, or `{"$type": "FLOAT", "value": ...}` for "NaN", "Infinity" and "-Infinity", or `{"$type": "INTEGER", "value": "<digits>"}`.',
  })
  value!: unknown;
  @Field(() => BigInteger, {
    nullable: true,
    description: "Training step, or another counter; may be negative. Default: 0.",
  })
  step?: number | null;
  @Field(() => DateTime, { nullable: true, description: "When it was measured. Default: the current time." })
  time?: number | null;
}

@InputType({ description: "Input of `logMetrics`. Either all values are logged or none." })
export class LogMetricsInput {
  @Field(() => ID, { description: "Id of the run or step; it may have ended." })
  execution!: string;
  @Field(() => [MetricInput], {
    description:
      "Up to 10,000 values of any metrics. A value with a `time` is not logged again if it exists with the same time and step.",
  })
  metrics!: MetricInput[];
}
