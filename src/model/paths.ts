import "reflect-metadata";
import { Field, Int, ObjectType } from "type-graphql";
import { LineageEdge, LineageNode } from "./lineage.ts";

/** One way that data went from a version to another. */
@ObjectType({ description: "One way that data went from a version to another; nothing stands in it twice." })
export class LineagePath {
  @Field(() => [LineageNode], {
    description: "From `from` to `to`, executions among them; `depth` counts from `from`.",
  })
  nodes!: LineageNode[];
  @Field(() => [LineageEdge], { description: "All edges from each node to the next." })
  edges!: LineageEdge[];
  @Field(() => Int, { description: "Executions crossed." })
  length!: number;
}

/** The ways that data went from a version to another. */
@ObjectType({ description: "The ways that data went from a version to another." })
export class LineagePaths {
  @Field(() => [LineagePath], { description: "The shortest first; none when the two aren't connected." })
  paths!: LineagePath[];
  @Field(() => Boolean, { description: "True if and only if there are no others; a search that was cut says false." })
  complete!: boolean;
}
