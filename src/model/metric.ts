import "reflect-metadata";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { BigInteger, DateTime, Json } from "./scalars.ts";

/** One value of a metric. */
@ObjectType({ description: "One value of a metric, at a step and a time." })
export class MetricPoint {
  @Field(() => Json, {
    description: 'A number, or `{"$type": "FLOAT", "value": ...}` with "NaN", "Infinity" or "-Infinity".',
  })
  value!: unknown;
  @Field(() => BigInteger, {
    description: "The step of training, or of anything else that is counted; 0 when none was given.",
  })
  step!: number;
  @Field(() => DateTime, { description: "When it was measured; when it was logged where nothing else was said." })
  time!: number;
}

/** One page of a metric's points. */
export const MetricPointConnection = connectionOf<MetricPoint>("MetricPoint", () => MetricPoint);

/** One value of a metric to log. */
@InputType({ description: "One value of a metric to log." })
export class MetricInput {
  @Field(() => String, { description: "The metric's name: 1 to 500 characters." })
  key!: string;
  @Field(() => Json, {
    description: 'A number, or `{"$type": "FLOAT", "value": ...}` with "NaN", "Infinity" or "-Infinity".',
  })
  value!: unknown;
  @Field(() => BigInteger, { nullable: true, description: "0 when left out; may be negative." })
  step?: number | null;
  @Field(() => DateTime, { nullable: true, description: "When it was measured: now when left out." })
  time?: number | null;
}

/** Values of an execution's metrics. */
@InputType({ description: "Values of an execution's metrics: all of them are logged, or none." })
export class LogMetricsInput {
  @Field(() => ID, { description: "The run or step; one that has ended still takes metrics." })
  execution!: string;
  @Field(() => [MetricInput], {
    description:
      "At most 10,000 values, of any keys. A value given with its time that is there already, equal in step and time too, isn't logged twice.",
  })
  metrics!: MetricInput[];
}
